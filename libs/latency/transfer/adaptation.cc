#include "libs/latency/transfer/adaptation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/signature.h"
#include "libs/latency/transfer/ridge.h"

namespace niwaki::latency {
namespace {

using Table = std::map<std::string, const LookupEntry*>;

// What blocks are, which are of several kinds.
constexpr char kBlock[] = "block";

// Of cross-validation, at the most: with fewer samples each is a fold of its own.
constexpr size_t kFolds = 20;

const std::vector<double>& Penalties() {
  static const auto* const penalties = new std::vector<double>{0.1, 1, 10, 100, 1e4};
  return *penalties;
}

absl::Status Invalid(absl::string_view field, absl::string_view value, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Message(message);
}

absl::StatusOr<Table> TableOf(const std::vector<LookupEntry>& entries, absl::string_view field) {
  Table table;
  for (const LookupEntry& entry : entries) {
    if (entry.device != entries[0].device) {
      return Invalid(field, entry.device,
                     absl::StrCat("the table is of ", entries[0].device, " and ", entry.device));
    }
    if (!table.emplace(entry.signature, &entry).second) {
      return Invalid(field, entry.signature,
                     absl::StrCat(entry.device, " has '", entry.signature, "' twice"));
    }
  }
  return table;
}

std::string KindOf(const std::string& text) {
  const absl::StatusOr<OpSignature> signature = OpSignature::FromText(text);
  if (!signature.ok()) return kBlock;
  arch::Op op;
  op.kind = signature->kind;
  op.SetWindow(signature->kernel_h, signature->stride_h);
  op.kernel_w = static_cast<uint16_t>(signature->kernel_w);
  return std::string(CostKindOf(op));
}

// Columns: the logarithm of the known latency, and one for each kind.
std::vector<double> RowOf(const LookupEntry& known) {
  static const auto* const kinds = [] {
    auto* all = new std::vector<std::string>(CostKinds());
    all->push_back(kBlock);
    return all;
  }();
  std::vector<double> row = {std::log(known.latency_us)};
  const std::string kind = KindOf(known.signature);
  for (const std::string& one : *kinds) row.push_back(one == kind ? 1 : 0);
  return row;
}

bool IsSample(const Table& measured, const LookupEntry& known) {
  const auto found = measured.find(known.signature);
  return found != measured.end() && known.latency_us > 0 && found->second->latency_us > 0;
}

// Of Student's distribution with `freedom` degrees: 95 % lie below. Cornish and Fisher's expansion
// about the normal distribution, two terms.
double StudentQuantile(double freedom) {
  constexpr double kNormal = 1.6448536;
  const double cube = std::pow(kNormal, 3);
  return kNormal + (cube + kNormal) / (4 * freedom) +
         (5 * std::pow(kNormal, 5) + 16 * cube + 3 * kNormal) / (96 * freedom * freedom);
}

// Target minus prediction of each row by a fit, choice of the penalty included, that has seen
// nothing of the row's fold.
absl::StatusOr<std::vector<double>> CrossValidate(const std::vector<std::vector<double>>& rows,
                                                  const std::vector<double>& targets) {
  const size_t folds = std::min(rows.size(), kFolds);
  std::vector<double> errors(rows.size());
  for (size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::vector<double>> others;
    std::vector<double> of_others;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i % folds == fold) continue;
      others.push_back(rows[i]);
      of_others.push_back(targets[i]);
    }
    NIWAKI_ASSIGN_OR_RETURN(const Ridge ridge, FitRidge(others, of_others, Penalties()));
    for (size_t i = fold; i < rows.size(); i += folds) {
      errors[i] = targets[i] - ridge.Predict(rows[i]);
    }
  }
  return errors;
}

double RootMeanSquare(const std::vector<double>& errors) {
  double squares = 0;
  for (const double error : errors) squares += error * error / static_cast<double>(errors.size());
  return std::sqrt(squares);
}

void SetErrors(const std::vector<double>& errors, Adaptation& adaptation) {
  const auto samples = static_cast<double>(adaptation.samples);
  for (const double error : errors) {
    const double relative = std::abs(std::expm1(-error));
    adaptation.cross_validated_error += relative / samples;
    adaptation.worst_error = std::max(adaptation.worst_error, relative);
  }
  adaptation.interval_ratio =
      std::exp(StudentQuantile(samples - 1) * RootMeanSquare(errors) * std::sqrt(1 + 1 / samples));
}

}  // namespace

absl::StatusOr<Adaptation> AdaptTable(const std::vector<LookupEntry>& known,
                                      const std::vector<LookupEntry>& measured) {
  NIWAKI_ASSIGN_OR_RETURN(const Table from, TableOf(known, "known"));
  NIWAKI_ASSIGN_OR_RETURN(const Table to, TableOf(measured, "measured"));
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (const auto& [signature, entry] : from) {
    if (!IsSample(to, *entry)) continue;
    rows.push_back(RowOf(*entry));
    targets.push_back(std::log(to.at(signature)->latency_us / entry->latency_us));
  }
  if (rows.size() < kMinAdaptationSamples) {
    return Invalid("samples", absl::StrCat(rows.size()),
                   absl::StrCat("the two tables have ", rows.size(),
                                " operators in common: an adaptation needs ", kMinAdaptationSamples,
                                " at least, ten are better"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const Ridge ridge, FitRidge(rows, targets, Penalties()));
  Adaptation adaptation;
  adaptation.samples = static_cast<int64_t>(rows.size());
  adaptation.ratio = std::exp(ridge.target_mean);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> errors, CrossValidate(rows, targets));
  SetErrors(errors, adaptation);
  const double spread = RootMeanSquare(errors);
  Table all = from;
  all.insert(to.begin(), to.end());
  const std::string source =
      absl::StrFormat("adapted from %s by %d operators, cross-validated error %.1f %%",
                      known[0].device, adaptation.samples, 100 * adaptation.cross_validated_error);
  for (const auto& [signature, entry] : all) {
    LookupEntry& next = adaptation.entries.emplace_back();
    next.device = measured[0].device;
    next.signature = signature;
    next.provenance = cost::Provenance::kPredicted;
    const auto found = to.find(signature);
    if (found != to.end()) {
      next.latency_us = found->second->latency_us;
      next.spread_us = found->second->spread_us;
      next.count = found->second->count;
      next.source = found->second->source;
      if (from.count(signature) == 0) ++adaptation.measured_only;
      continue;
    }
    ++adaptation.adapted;
    if (entry->latency_us > 0) {
      next.latency_us = entry->latency_us * std::exp(ridge.Predict(RowOf(*entry)));
    }
    next.spread_us = next.latency_us * spread;
    next.count = adaptation.samples;
    next.source = source;
  }
  return adaptation;
}

}  // namespace niwaki::latency
