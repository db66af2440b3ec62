#include "libs/train/checkpoint/checkpoint.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/tensor_io.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::train {
namespace {

absl::StatusOr<Manifest> ManifestOf(const tensorfile::SafetensorsFile& file,
                                    const std::string& path) {
  const auto it = file.metadata().find(kManifestKey);
  if (it == file.metadata().end()) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field("file")
        .Value(path)
        .Message(absl::StrCat(path, ": no ", kManifestKey,
                              " in the metadata; not a supernet of Niwaki"));
  }
  auto manifest = Manifest::FromJson(it->second);
  if (!manifest.ok()) return Annotate(manifest.status(), path);
  return manifest;
}

absl::Status CheckNothingElse(const tensorfile::SafetensorsFile& file,
                              const supernet::SharedWeights& weights) {
  tensorfile::TensorMap unknown = file.tensors();
  weights.ForEach([&](const std::string& name, const at::Tensor&) { unknown.erase(name); });
  for (const auto& [name, view] : unknown) {
    if (absl::StartsWith(name, kOptimizerPrefix)) continue;
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field(name)
        .Value(Describe(view))
        .Message(absl::StrCat("tensor ", name, " ", Describe(view),
                              " belongs to no layer of the space"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadedSupernet> Load(const std::string& path, const arch::SearchSpace* expected) {
  NIWAKI_ASSIGN_OR_RETURN(const auto file, tensorfile::SafetensorsFile::Open(path));
  LoadedSupernet loaded;
  NIWAKI_ASSIGN_OR_RETURN(loaded.manifest, ManifestOf(*file, path));
  if (expected != nullptr) NIWAKI_RETURN_IF_ERROR(CheckSameSpace(loaded.manifest, *expected));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space,
                          arch::SearchSpace::FromTextproto(loaded.manifest.space_textproto));
  NIWAKI_RETURN_IF_ERROR(CheckSameSpace(loaded.manifest, space));
  const absl::Status read = supernet::GuardTorch("load supernet", [&] {
    loaded.supernet = supernet::Supernet::Random(space, /*seed=*/0);
    const absl::Status status = ReadWeights(file->tensors(), loaded.supernet->weights());
    return status.ok() ? CheckNothingElse(*file, loaded.supernet->weights()) : status;
  });
  if (!read.ok()) return Annotate(read, path);
  return loaded;
}

}  // namespace

absl::StatusOr<std::string> SaveSupernet(const std::string& path,
                                         const supernet::Supernet& supernet, Manifest manifest) {
  manifest.space_textproto = supernet.space().ToTextproto();
  manifest.space_structure = supernet.space().structure().ToHex();
  NIWAKI_ASSIGN_OR_RETURN(
      const std::string bytes, supernet::GuardTorch("save supernet", [&] {
        TensorWriter writer;
        supernet.weights().ForEach(
            [&](const std::string& name, const at::Tensor& tensor) { writer.Add(name, tensor); });
        return writer.Serialize({{kManifestKey, manifest.ToJson()}});
      }));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(path, bytes));
  return Sha256Hex(bytes);
}

absl::StatusOr<LoadedSupernet> LoadSupernet(const std::string& path) { return Load(path, nullptr); }

absl::StatusOr<LoadedSupernet> LoadSupernetOf(const arch::SearchSpace& space,
                                              const std::string& path) {
  return Load(path, &space);
}

absl::StatusOr<Manifest> ReadManifest(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const auto file, tensorfile::SafetensorsFile::Open(path));
  return ManifestOf(*file, path);
}

absl::Status CheckSameSpace(const Manifest& manifest, const arch::SearchSpace& space) {
  const std::string wanted = space.structure().ToHex();
  if (manifest.space_structure == wanted) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("space_structure")
      .Value(manifest.space_structure)
      .Limit(wanted)
      .Message(absl::StrCat("the supernet is of another search space: structure ",
                            manifest.space_structure, ", '", space.name(), "' has ", wanted));
}

}  // namespace niwaki::train
