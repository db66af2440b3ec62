// What can be chosen in quantisation, and what a quantised network's key is made of.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_OPTIONS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::engine {

// Counts up whenever equal inputs give other bytes than before.
inline constexpr int kQuantiserVersion = 1;

// How the range of an activation follows from what it holds on calibration examples.
enum class RangeMethod {
  // All of it.
  kMinMax,
  // Without the outermost values.
  kPercentile,
  // With the least mean squared error.
  kLeastSquares,
};

// `min-max`, `percentile`, `mse`.
absl::string_view RangeMethodName(RangeMethod method);
// InvalidArgument for any other name.
absl::StatusOr<RangeMethod> ParseRangeMethod(absl::string_view name);

// The defaults are what did best in README.md's table.
struct QuantiseOptions {
  RangeMethod ranges = RangeMethod::kLeastSquares;
  // Of kPercentile: the share of values inside; above 0, at most 1.
  double percentile = 0.9999;
  // Cross-layer equalisation (equalise.h).
  bool equalise = true;
  // Whether biases make up for what rounding weights does to the mean of each channel.
  bool correct_bias = true;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
  // One line, equal for equal options: "ranges mse, equalise yes, correct_bias yes".
  std::string ToText() const;
};

// Everything that a quantised network's bytes follow from.
struct QuantiseKey {
  // SHA-256 of the supernet's file.
  std::string supernet_digest;
  // The subnet in canonical JSON.
  std::string subnet;
  // SHA-256 of the prepared data, and how many of its calibration examples, in batches of how
  // many, there were.
  std::string data_digest;
  int64_t calibration_images = 0;
  int64_t calibration_batch = 0;
  // Batch norm as the supernet has it, instead of recalibrated.
  bool keep_statistics = false;
  QuantiseOptions options;

  // SHA-256 of all that and of kQuantiserVersion, in hexadecimal.
  std::string Digest() const;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_OPTIONS_H_
