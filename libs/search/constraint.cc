#include "libs/search/constraint.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::search {
namespace {

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit,
                     absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(message);
}

std::optional<Violation> ViolationOf(absl::Span<const Constraint> constraints, int index,
                                     const Metrics& metrics) {
  const Constraint& constraint = constraints[index];
  const std::optional<double>& value = metrics[constraint.metric];
  if (value.has_value() && *value <= constraint.max) return std::nullopt;
  return Violation{index, constraint.metric, value, constraint.max};
}

}  // namespace

absl::Status ValidateConstraints(absl::Span<const Constraint> constraints) {
  for (size_t i = 0; i < constraints.size(); ++i) {
    const Constraint& constraint = constraints[i];
    const absl::string_view name = MetricName(constraint.metric);
    const std::string metric_field = absl::StrCat("constraints[", i, "].metric");
    if (!IsCost(constraint.metric)) {
      return Invalid(metric_field, name, "a cost",
                     absl::StrCat(name, " is known only after scoring and cannot be limited"));
    }
    for (size_t j = 0; j < i; ++j) {
      if (constraints[j].metric != constraint.metric) continue;
      return Invalid(metric_field, name, "once",
                     absl::StrCat(name, " is limited twice, in constraints ", j, " and ", i));
    }
    if (!std::isfinite(constraint.max) || constraint.max <= 0) {
      return Invalid(absl::StrCat("constraints[", i, "].max"), constraint.max, "above 0",
                     absl::StrCat("the limit of ", name, " is ", constraint.max,
                                  "; it must be finite and above 0"));
    }
  }
  return absl::OkStatus();
}

std::optional<Violation> FirstViolation(absl::Span<const Constraint> constraints,
                                        const Metrics& metrics) {
  for (size_t i = 0; i < constraints.size(); ++i) {
    if (auto violation = ViolationOf(constraints, static_cast<int>(i), metrics)) return violation;
  }
  return std::nullopt;
}

std::vector<Violation> AllViolations(absl::Span<const Constraint> constraints,
                                     const Metrics& metrics) {
  std::vector<Violation> violations;
  for (size_t i = 0; i < constraints.size(); ++i) {
    if (auto violation = ViolationOf(constraints, static_cast<int>(i), metrics)) {
      violations.push_back(*violation);
    }
  }
  return violations;
}

std::vector<double> UsagesOf(absl::Span<const Constraint> constraints, const Metrics& metrics) {
  std::vector<double> usages;
  usages.reserve(constraints.size());
  for (const Constraint& constraint : constraints) {
    usages.push_back(metrics[constraint.metric].value() / constraint.max);
  }
  return usages;
}

}  // namespace niwaki::search
