#include "services/coordinator/submit/data_splits.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::coordinator {
namespace {

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
  const absl::StatusOr<data::Metadata> metadata = data::ReadMetadata(path);
  if (!metadata.ok()) return std::nullopt;
  const auto size = [&](data::Split split) { return metadata->sizes[static_cast<int>(split)]; };
  return DataSplits{size(data::Split::kCalibration), size(data::Split::kValidation),
                    size(data::Split::kTest)};
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

absl::Status CheckTestSplit(const DataSplits& splits, absl::StatusCode code,
                            absl::string_view field) {
  if (splits.test > 0) return absl::OkStatus();
  return Error(code, reason::kArgumentInvalid)
      .Field(field)
      .Value(splits.test)
      .Limit("at least one test image")
      .Message(
          "the data that the job is scored on has no test split; register the supernet again with "
          "data that has one (niwaki supernet register)");
}

}  // namespace niwaki::coordinator
