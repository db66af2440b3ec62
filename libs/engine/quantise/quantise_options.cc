#include "libs/engine/quantise/quantise_options.h"

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/range.h"

namespace niwaki::engine {
namespace {

constexpr RangeMethod kMethods[] = {RangeMethod::kMinMax, RangeMethod::kPercentile,
                                    RangeMethod::kLeastSquares};

absl::string_view YesOrNo(bool value) { return value ? "yes" : "no"; }

}  // namespace

absl::string_view RangeMethodName(RangeMethod method) {
  switch (method) {
    case RangeMethod::kMinMax:
      return "min-max";
    case RangeMethod::kPercentile:
      return "percentile";
    case RangeMethod::kLeastSquares:
      return "mse";
  }
  return "";
}

absl::StatusOr<RangeMethod> ParseRangeMethod(absl::string_view name) {
  for (const RangeMethod method : kMethods) {
    if (name == RangeMethodName(method)) return method;
  }
  return InvalidValue("ranges", name, "min-max, percentile or mse");
}

absl::Status QuantiseOptions::Validate() const {
  return CheckRange("percentile", percentile, 0, 1, Ends::kLowOpen);
}

std::string QuantiseOptions::ToText() const {
  std::string text = absl::StrCat("ranges ", RangeMethodName(ranges));
  if (ranges == RangeMethod::kPercentile) absl::StrAppend(&text, " ", NumberText(percentile));
  absl::StrAppend(&text, ", equalise ", YesOrNo(equalise), ", correct_bias ",
                  YesOrNo(correct_bias));
  return text;
}

std::string QuantiseKey::Digest() const {
  return Sha256Hex(absl::StrCat("niwaki quantiser ", kQuantiserVersion, "\nsupernet ",
                                supernet_digest, "\nsubnet ", subnet, "\ndata ", data_digest,
                                "\nimages ", calibration_images, " by ", calibration_batch,
                                "\nkeep statistics ", YesOrNo(keep_statistics), "\noptions ", options.ToText(), "\n"));
}

}  // namespace niwaki::engine
