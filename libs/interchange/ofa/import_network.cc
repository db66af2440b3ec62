#include "libs/interchange/ofa/import_network.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/interchange/ofa/state_dict.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/state_dict.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {
namespace {

constexpr char kNormalisations[] = "imagenet, half, or MEAN,…/DEVIATION,…";

absl::Status BadNormalisation(absl::string_view value) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("--normalisation")
      .Value(value)
      .Limit(kNormalisations)
      .Message(absl::StrCat("--normalisation '", value, "' is not ", kNormalisations));
}

// One number for each of `channels`, or one for all.
bool ParseNumbers(absl::string_view text, int channels, std::vector<double>& numbers) {
  numbers.clear();
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    double number = 0;
    if (!absl::SimpleAtod(part, &number)) return false;
    numbers.push_back(number);
  }
  if (numbers.size() == 1) numbers.resize(channels, numbers.front());
  return numbers.size() == channels;
}

absl::Status Mismatch(absl::string_view field, int data, int space) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSupernetMismatch)
      .Field(field)
      .Value(data)
      .Limit(space)
      .Message(absl::StrCat("the data has ", data, " ", field, ", the network ", space));
}

absl::Status CheckFacts(const data::Metadata& data, const arch::SearchSpace& space) {
  const int classes = static_cast<int>(data.class_names.size());
  if (classes != space.num_classes()) return Mismatch("classes", classes, space.num_classes());
  if (data.channels == space.input_channels()) return absl::OkStatus();
  return Mismatch("channels", data.channels, space.input_channels());
}

// Where the tensors were read, for messages, where there was a choice.
std::string SourceText(const tensorfile::StateDictNotes& notes) {
  if (notes.other_entries.empty()) return "";
  return absl::StrCat(" (entry '", notes.entry, "' was read; --entry chooses among it, ",
                      absl::StrJoin(notes.other_entries, ", "), ")");
}

std::string FirstNames(const tensorfile::TensorMap& tensors) {
  constexpr size_t kShown = 5;
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    if (names.size() == kShown) break;
    if (!tensorfile::IsCounter(name)) names.push_back(name);
  }
  return absl::StrJoin(names, ", ");
}

absl::StatusOr<ImportedTensors> Import(const arch::SearchSpace& space,
                                       const tensorfile::TensorMap& tensors,
                                       const Checkpoint& checkpoint,
                                       const tensorfile::StateDictNotes& notes) {
  return ImportStateDict(space, tensors, absl::StrCat(checkpoint.path, SourceText(notes)));
}

absl::StatusOr<ImportSummary> Write(const arch::SearchSpace& space, ImportedTensors imported,
                                    const DataFacts& facts, const std::string& out) {
  train::Manifest manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data_digest = facts.digest;
  manifest.data = facts.metadata;
  manifest.class_names_known = facts.class_names_known;
  manifest.progress = 1;
  const std::string bytes = tensorfile::SerializeSafetensors(
      {{train::kManifestKey, manifest.ToJson()}}, imported.tensors);
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(out, bytes));
  return ImportSummary{space, facts, std::move(imported.mapped), std::move(imported.ignored),
                       Sha256Hex(bytes)};
}

}  // namespace

absl::StatusOr<DataFacts> DescribeData(const arch::SearchSpace& space,
                                       std::vector<std::string> class_names,
                                       absl::string_view normalisation) {
  DataFacts facts;
  data::Metadata& data = facts.metadata;
  data.name = space.name();
  data.channels = space.input_channels();
  for (const arch::Resolution& resolution : space.resolutions()) {
    data.height = std::max(data.height, resolution.height);
    data.width = std::max(data.width, resolution.width);
  }
  data.scale = 1.0 / 255;
  data.class_names = std::move(class_names);
  if (data.class_names.empty()) {
    facts.class_names_known = false;
    data.class_names = data::NumberedClasses(space.num_classes());
  }
  if (normalisation == "imagenet" && data.channels != 3) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--normalisation")
        .Value(normalisation)
        .Limit(kNormalisations)
        .Message(absl::StrCat("--normalisation imagenet is for 3 channels, the network has ",
                              data.channels, "; give --data, half, or MEAN,…/DEVIATION,…"));
  }
  if (normalisation == "imagenet") {
    data.mean = {0.485, 0.456, 0.406};
    data.stddev = {0.229, 0.224, 0.225};
  } else if (normalisation == "half") {
    data.mean.assign(data.channels, 0.5);
    data.stddev.assign(data.channels, 0.5);
  } else {
    const std::vector<absl::string_view> parts = absl::StrSplit(normalisation, '/');
    if (parts.size() != 2 || !ParseNumbers(parts[0], data.channels, data.mean) ||
        !ParseNumbers(parts[1], data.channels, data.stddev)) {
      return BadNormalisation(normalisation);
    }
  }
  NIWAKI_RETURN_IF_ERROR(data.Validate());
  return facts;
}

absl::StatusOr<int> CountClasses(const Checkpoint& checkpoint) {
  NIWAKI_ASSIGN_OR_RETURN(const auto state,
                          tensorfile::StateDict::Open(checkpoint.path, {checkpoint.entry}));
  for (const auto& [name, tensor] : state->tensors()) {
    if (!absl::StartsWith(name, "classifier.") || !absl::EndsWith(name, ".bias")) continue;
    constexpr int64_t kMost = 100000;
    if (tensor.shape.size() == 1 && tensor.shape[0] >= 2 && tensor.shape[0] <= kMost) {
      return static_cast<int>(tensor.shape[0]);
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(checkpoint.path)
      .Message(absl::StrCat(checkpoint.path, ": no bias of a classifier of 2 to 100000 classes",
                            SourceText(state->notes()), "; its first tensors are ",
                            FirstNames(state->tensors())));
}

absl::StatusOr<ImportSummary> ImportSupernet(const Checkpoint& checkpoint,
                                             const arch::SearchSpace& space, const DataFacts& facts,
                                             const std::string& out) {
  NIWAKI_RETURN_IF_ERROR(CheckFacts(facts.metadata, space));
  NIWAKI_RETURN_IF_ERROR(CheckWritable(out));
  NIWAKI_ASSIGN_OR_RETURN(const auto state,
                          tensorfile::StateDict::Open(checkpoint.path, {checkpoint.entry}));
  NIWAKI_ASSIGN_OR_RETURN(ImportedTensors imported,
                          Import(space, state->tensors(), checkpoint, state->notes()));
  NIWAKI_ASSIGN_OR_RETURN(ImportSummary summary, Write(space, std::move(imported), facts, out));
  summary.notes = state->notes();
  return summary;
}

absl::StatusOr<ImportSummary> ImportNetwork(const Checkpoint& checkpoint,
                                            const arch::SearchSpace& space,
                                            const std::vector<int>& blocks, const DataFacts& facts,
                                            const std::string& out) {
  NIWAKI_RETURN_IF_ERROR(CheckFacts(facts.metadata, space));
  NIWAKI_RETURN_IF_ERROR(CheckWritable(out));
  NIWAKI_ASSIGN_OR_RETURN(const auto state,
                          tensorfile::StateDict::Open(checkpoint.path, {checkpoint.entry}));
  NIWAKI_ASSIGN_OR_RETURN(const tensorfile::TensorMap renumbered,
                          RenumberBlocks(state->tensors(), blocks, checkpoint.path));
  NIWAKI_ASSIGN_OR_RETURN(ImportedTensors imported,
                          Import(space, renumbered, checkpoint, state->notes()));
  NIWAKI_ASSIGN_OR_RETURN(ImportSummary summary, Write(space, std::move(imported), facts, out));
  summary.notes = state->notes();
  return summary;
}

}  // namespace niwaki::interchange
