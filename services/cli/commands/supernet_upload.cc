#include "services/cli/commands/supernet_upload.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/interchange/ofa/supernet_file.h"

namespace niwaki::cli {
namespace {

absl::Status Mismatch(absl::string_view field, int data, int space, absl::string_view path) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field(field)
      .Value(data)
      .Limit(space)
      .Message(absl::StrCat(path, " has ", data, " ", field, ", the supernet ", space));
}

}  // namespace

absl::StatusOr<arch::SearchSpace> ReadSupernetSpace(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(interchange::SupernetFile supernet, interchange::OpenSupernet(path));
  return std::move(supernet.space);
}

absl::Status WriteScoringData(const arch::SearchSpace& space, const std::string& path,
                              const std::string& part_path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<data::PreparedData> data,
                          data::PreparedData::Open(path));
  if (data->num_classes() != space.num_classes()) {
    return Mismatch("classes", data->num_classes(), space.num_classes(), path);
  }
  if (data->metadata().channels != space.input_channels()) {
    return Mismatch("channels", data->metadata().channels, space.input_channels(), path);
  }
  data::SubsetOptions options;
  for (const data::Split split : data::kAllSplits) {
    const bool needed = split == data::Split::kCalibration || split == data::Split::kValidation;
    options.keep[static_cast<int>(split)] = needed ? -1 : 0;
    if (!needed || data->size(split) > 0) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--data")
        .Value(data::SplitName(split))
        .Limit("at least one example")
        .Message(absl::StrCat(path, ": the ", data::SplitName(split), " split is empty"));
  }
  return data::WriteSubset(*data, options, part_path);
}

}  // namespace niwaki::cli
