#include "services/coordinator/submit/data_splits.h"

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/text/json_number.h"

namespace niwaki::coordinator {
namespace {

// libs/data/prepared/FORMAT.md.
constexpr absl::string_view kMagic = "NWKDATA\n";
constexpr size_t kHeaderBytes = 64;
constexpr size_t kMetadataSizeOffset = 12;
constexpr size_t kMaxMetadataBytes = 16 << 20;

absl::Status TooMany(absl::string_view field, int64_t value, int64_t there, absl::string_view split,
                     absl::string_view hint) {
  const std::string limit = absl::StrCat("at most ", there);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(absl::StrCat("spec.evaluation.", field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("the data has ", there, " ", split, " images, the job wants ", value,
                            " ", field, hint));
}

}  // namespace

std::optional<DataSplits> ReadDataSplits(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<MappedFile>> file = MappedFile::Open(path);
  if (!file.ok()) return std::nullopt;
  const absl::string_view bytes = (*file)->bytes();
  if (!absl::StartsWith(bytes, kMagic) || bytes.size() < kHeaderBytes) return std::nullopt;
  size_t metadata_bytes = 0;
  for (int i = 3; i >= 0; --i) {
    metadata_bytes = metadata_bytes << 8 | static_cast<uint8_t>(bytes[kMetadataSizeOffset + i]);
  }
  if (metadata_bytes > kMaxMetadataBytes || metadata_bytes > bytes.size() - kHeaderBytes) {
    return std::nullopt;
  }
  const absl::StatusOr<Json> metadata =
      ParseJson(bytes.substr(kHeaderBytes, metadata_bytes), "metadata");
  if (!metadata.ok()) return std::nullopt;
  try {
    const Json& splits = metadata->at("splits");
    return DataSplits{Integer<int64_t>(splits.at("calibration")),
                      Integer<int64_t>(splits.at("validation"))};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

absl::Status CheckImages(const jobs::Evaluation& evaluation, const DataSplits& splits,
                         bool own_calibration) {
  if (splits.validation < 1 || evaluation.evaluation_images > splits.validation) {
    return TooMany("evaluation_images", evaluation.evaluation_images, splits.validation,
                   "validation", splits.validation < 1 ? "" : "; 0 means all that there are");
  }
  if (own_calibration && evaluation.calibration_images > splits.calibration) {
    return TooMany("calibration_images", evaluation.calibration_images, splits.calibration,
                   "calibration", "");
  }
  return absl::OkStatus();
}

}  // namespace niwaki::coordinator
