// Supernets and interrupted trainings as files. This header needs no LibTorch.
//
// A supernet is ONE safetensors file: the shared weights by name, and its manifest as JSON under
// "niwaki.manifest" in the metadata, so one digest stands for all of it. A training checkpoint is
// such a file with more tensors
// ("optimizer.NAME") and the training's state under "niwaki.training".

#ifndef NIWAKI_LIBS_TRAIN_CHECKPOINT_CHECKPOINT_H_
#define NIWAKI_LIBS_TRAIN_CHECKPOINT_CHECKPOINT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/supernet/supernet.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::train {

struct LoadedSupernet {
  std::unique_ptr<supernet::Supernet> supernet;
  Manifest manifest;
};

// Writes `path` atomically and gives the SHA-256 of what was written. `manifest`'s space fields are
// filled in from the supernet.
absl::StatusOr<std::string> SaveSupernet(const std::string& path,
                                         const supernet::Supernet& supernet, Manifest manifest);

// Reads a supernet (or a training checkpoint as one). Every tensor that the manifest's space needs
// must be there with its dtype and shape and hold finite numbers; others than those are refused.
// DataLoss with reason DATA_CORRUPT names the tensor and both shapes; FailedPrecondition with
// SCHEMA_TOO_NEW; the errors of reading.
absl::StatusOr<LoadedSupernet> LoadSupernet(const std::string& path);

// LoadSupernet for a file that must be of `space`: FailedPrecondition with reason SUPERNET_MISMATCH
// when it is of another structure.
absl::StatusOr<LoadedSupernet> LoadSupernetOf(const arch::SearchSpace& space,
                                              const std::string& path);

// The manifest alone, without looking at the tensors.
absl::StatusOr<Manifest> ReadManifest(const std::string& path);

// FailedPrecondition with reason SUPERNET_MISMATCH unless the manifest is of a space with this
// structure.
absl::Status CheckSameSpace(const Manifest& manifest, const arch::SearchSpace& space);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CHECKPOINT_CHECKPOINT_H_
