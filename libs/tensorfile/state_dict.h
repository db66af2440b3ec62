// The weights of a network from a file as people have it: a checkpoint of PyTorch or a safetensors
// file, of whatever precision, whatever wraps the names and stands beside the tensors. What was
// done to read it is told, for people to see.

#ifndef NIWAKI_LIBS_TENSORFILE_STATE_DICT_H_
#define NIWAKI_LIBS_TENSORFILE_STATE_DICT_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle/pickle_value.h"
#include "libs/tensorfile/pytorch_file.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

struct StateDictOptions {
  // Which dict of a checkpoint (checkpoint_entry.h); "" for the one that it is about.
  std::string entry;
  // Leave out every first part that all names share. Without it only what wraps a network
  // ("module.", "_orig_mod.").
  bool strip_common_prefix = true;
};

// What reading did and left alone; names are fit to be printed.
struct StateDictNotes {
  // The entry read, "." for the top of the file; "" where the format has no entries.
  std::string entry;
  // The others that hold tensors.
  std::vector<std::string> other_entries;
  // Parts left out of the names, "_orig_mod.", "module.", "model.", in the order of the names.
  std::vector<std::string> prefixes;
  // Tensors that were made float32, by the name of their dtype.
  std::map<std::string, int> converted;
  // Keys of the entry whose values are no tensors.
  std::vector<std::string> not_tensors;
  // Classes of objects that were left as they are, never built.
  std::vector<std::string> foreign;
};

// Immutable; thread-safe.
class StateDict {
 public:
  // A file whose name ends in ".safetensors" or that begins as one is read as that, every other as
  // a checkpoint. The errors of PyTorchFile and of SafetensorsFile; InvalidArgument with reason
  // ARGUMENT_INVALID for an entry of a safetensors file, with reason FILE_MALFORMED for a file
  // without tensors.
  static absl::StatusOr<std::unique_ptr<StateDict>> Open(const std::string& path,
                                                         const StateDictOptions& options = {});
  // Of bytes in memory, which the result keeps; a checkpoint.
  static absl::StatusOr<std::unique_ptr<StateDict>> Parse(std::string bytes, absl::string_view what,
                                                          const StateDictOptions& options = {});

  // Those of floating point are float32.
  const TensorMap& tensors() const { return tensors_; }
  const StateDictNotes& notes() const { return notes_; }

 private:
  StateDict() = default;
  absl::Status ReadCheckpoint(absl::string_view what, const StateDictOptions& options);
  void Rename(const StateDictOptions& options);
  void Convert();

  std::unique_ptr<PyTorchFile> checkpoint_;
  std::unique_ptr<SafetensorsFile> safetensors_;
  TensorMap tensors_;
  StateDictNotes notes_;
  // Of converted tensors.
  std::deque<std::string> converted_;
};

// Whether the last part of `name` is a count that some layer or tool keeps beside the weights:
// num_batches_tracked of batch norms, n_averaged of averages, total_ops and total_params of
// profilers.
bool IsCounter(absl::string_view name);

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_STATE_DICT_H_
