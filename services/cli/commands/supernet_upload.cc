#include "services/cli/commands/supernet_upload.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/interchange/ofa/supernet_file.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::cli {

absl::StatusOr<arch::SearchSpace> ReadSupernetSpace(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(interchange::SupernetFile supernet, interchange::OpenSupernet(path));
  return std::move(supernet.space);
}

absl::StatusOr<train::Manifest> ReadSupernetManifest(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const interchange::SupernetFile supernet,
                          interchange::OpenSupernet(path));
  return train::Manifest::FromJson(supernet.file->metadata().at(train::kManifestKey));
}

absl::StatusOr<std::vector<std::string>> WriteScoringData(const train::Manifest& manifest,
                                                          const std::string& path,
                                                          const std::string& part_path) {
  NIWAKI_ASSIGN_OR_RETURN(data::FittedData fitted, data::OpenFitted(manifest.trained_on(), path));
  const std::unique_ptr<data::PreparedData>& data = fitted.data;
  data::SubsetOptions options;
  options.keep[static_cast<int>(data::Split::kTrain)] = 0;
  for (const data::Split split : {data::Split::kCalibration, data::Split::kValidation}) {
    if (data->size(split) > 0) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--data")
        .Value(data::SplitName(split))
        .Limit("at least one example")
        .Message(absl::StrCat(path, ": the ", data::SplitName(split), " split is empty"));
  }
  NIWAKI_RETURN_IF_ERROR(data::WriteSubset(*data, options, part_path));
  return std::move(fitted.notes);
}

}  // namespace niwaki::cli
