#include "services/coordinator/supernet_file.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::coordinator {
namespace {

// The layout is documented in libs/tensorfile/safetensors.h: 8 bytes of length, then a JSON header.
constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 64 << 20;

absl::Status NotASupernet(absl::string_view why) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("supernet.digest")
      .Message(absl::StrCat("the artifact is not a supernet of Niwaki: ", why));
}

absl::StatusOr<Json> ReadHeader(absl::string_view bytes) {
  if (bytes.size() < kLengthBytes) return NotASupernet("it is too short");
  uint64_t length = 0;
  for (int i = kLengthBytes - 1; i >= 0; --i) length = length << 8 | uint8_t(bytes[i]);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    return NotASupernet(absl::StrCat("its header would be ", length, " bytes long"));
  }
  absl::StatusOr<Json> header = ParseJson(bytes.substr(kLengthBytes, length), "header");
  if (!header.ok()) return NotASupernet(header.status().message());
  return header;
}

// The string at `key` of a JSON object.
absl::StatusOr<std::string> Text(const Json& json, const char* key) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return NotASupernet(absl::StrCat("it has no ", key));
  return it->get<std::string>();
}

// The text of the manifest in the file.
absl::StatusOr<std::string> ReadManifestText(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file, MappedFile::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(const Json header, ReadHeader(file->bytes()));
  const auto metadata = header.find("__metadata__");
  if (metadata == header.end()) return NotASupernet("its header has no metadata");
  return Text(*metadata, train::kManifestKey);
}

}  // namespace

absl::StatusOr<std::string> ReadSpaceStructure(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadManifestText(path));
  const absl::StatusOr<Json> manifest = ParseJson(text, "manifest");
  if (!manifest.ok()) return NotASupernet(manifest.status().message());
  return Text(*manifest, "space_structure");
}

absl::Status CheckSupernetFile(const std::string& path, const arch::SearchSpace& space) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string structure, ReadSpaceStructure(path));
  if (structure == space.structure().ToHex()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("supernet.space")
      .Value(space.structure().ToHex())
      .Limit(structure)
      .Message(absl::StrCat("the artifact holds weights of another space (structure ", structure,
                            ") than '", space.name(), "' (", space.structure().ToHex(), ")"));
}

absl::StatusOr<std::optional<data::TrainedOn>> ReadTrainedOn(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadManifestText(path));
  const absl::StatusOr<train::Manifest> manifest = train::Manifest::FromJson(text);
  if (!manifest.ok()) return std::nullopt;
  return manifest->trained_on();
}

absl::StatusOr<data::DataFit> CheckEvaluationData(const std::string& path,
                                                  const std::string& data_path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<data::TrainedOn> trained, ReadTrainedOn(path));
  if (!trained.has_value()) return data::DataFit();
  NIWAKI_ASSIGN_OR_RETURN(const data::Metadata metadata, data::ReadMetadata(data_path));
  return data::FitData(*trained, metadata, "the data");
}

}  // namespace niwaki::coordinator
