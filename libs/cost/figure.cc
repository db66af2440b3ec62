#include "libs/cost/figure.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::cost {
namespace {

absl::Status Wrong(absl::string_view field, absl::string_view part, const absl::AlphaNum& value,
                   const absl::AlphaNum& limit) {
  const std::string name = absl::StrCat(field, ".", part);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(name)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(name, " ", value, " is not ", limit));
}

}  // namespace

absl::StatusOr<Figure> Figure::Create(absl::string_view field, double value, double low,
                                      double high, Provenance provenance) {
  if (provenance == Provenance::kUnknown) {
    return Wrong(field, "provenance", ProvenanceName(provenance),
                 "EXACT, MEASURED, EMULATED or PREDICTED");
  }
  if (!std::isfinite(value) || value < 0) return Wrong(field, "value", value, "finite and from 0");
  if (!(low >= 0 && low <= value)) return Wrong(field, "low", low, absl::StrCat("0 to ", value));
  if (!std::isfinite(high) || high < value) {
    return Wrong(field, "high", high, absl::StrCat("finite and from ", value));
  }
  return Of(value, low, high, provenance);
}

}  // namespace niwaki::cost
