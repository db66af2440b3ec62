// What a prepared data file says about itself.

#ifndef NIWAKI_LIBS_DATA_PREPARED_METADATA_H_
#define NIWAKI_LIBS_DATA_PREPARED_METADATA_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

// Train: learns weights. Calibration: BN statistics and quantisation ranges. Validation: scores
// candidates. Test: seen once, at the end. The numbers are part of the file format.
enum class Split { kTrain = 0, kCalibration = 1, kValidation = 2, kTest = 3 };
inline constexpr int kSplitCount = 4;
inline constexpr std::array<Split, kSplitCount> kAllSplits = {Split::kTrain, Split::kCalibration,
                                                              Split::kValidation, Split::kTest};

// `train`, `calibration`, `validation`, `test`.
absl::string_view SplitName(Split split);
// InvalidArgument for any other name.
absl::StatusOr<Split> ParseSplit(absl::string_view name);

enum class ElementType { kUint8, kInt8, kFloat32 };
absl::string_view ElementTypeName(ElementType type);
// 1 or 4.
int ElementBytes(ElementType type);

// An example is a tensor [channels, height, width]; a log-mel picture has channels 1, height
// frames, width mel bins. real value = scale * element + offset; normalised = (real - mean[c]) /
// stddev[c].
struct Metadata {
  std::string name;
  // Index = label. Between 1 and 65,536, each 1 to 256 bytes of UTF-8, all different.
  std::vector<std::string> class_names;
  int channels = 0;
  int height = 0;
  int width = 0;
  ElementType element_type = ElementType::kUint8;
  double scale = 1;
  double offset = 0;
  // One per channel, of the real values of the training split.
  std::vector<double> mean;
  std::vector<double> stddev;
  // Whether every example carries a group (speaker) number.
  bool has_groups = false;
  // Present when the examples are log-mel pictures.
  std::optional<LogMelOptions> front_end;
  // Where the data came from: generator, seed, options. Free text, for people.
  std::map<std::string, std::string> attributes;
  // Of data made from a folder of many files: what became of each. Files written before this was
  // kept have none.
  std::optional<SourceReport> source;
  // Examples per split, indexed by Split.
  std::array<int64_t, kSplitCount> sizes = {0, 0, 0, 0};

  int64_t ElementsPerExample() const { return int64_t{channels} * height * width; }
  int64_t BytesPerExample() const { return ElementsPerExample() * ElementBytes(element_type); }

  // InvalidArgument with field, value and limit. Bounds: channels ≤ 64, height and width ≤ 4096,
  // sizes ≤ 2^28.
  absl::Status Validate() const;

  // JSON, keys in a fixed order; equal metadata gives equal text. Of the names in `source` the
  // first 20 of each kind are kept, and all numbers.
  std::string ToJson() const;
  // Validated. InvalidArgument with reason FILE_MALFORMED or ARGUMENT_INVALID.
  static absl::StatusOr<Metadata> FromJson(absl::string_view text);
};

// The rule for `Metadata::class_names`: InvalidArgument with the name that breaks it.
absl::Status CheckClassNames(const std::vector<std::string>& names);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_METADATA_H_
