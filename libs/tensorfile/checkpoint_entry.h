// The dicts of a checkpoint that hold tensors under names, and which of them is meant. Training
// programs save a state dict alone, beside what they need to go on ("state_dict", "optimizer",
// "args"), an average of it as well ("state_dict_ema"), or all that one level deeper.

#ifndef NIWAKI_LIBS_TENSORFILE_CHECKPOINT_ENTRY_H_
#define NIWAKI_LIBS_TENSORFILE_CHECKPOINT_ENTRY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle/pickle_value.h"

namespace niwaki::tensorfile {

struct CheckpointEntry {
  // The keys that lead to it with dots between, "checkpoint.model"; "." for the top.
  std::string path;
  // Of the tree that was searched.
  const PickleValue* dict = nullptr;
};

// Every dict at most three levels below `root`, itself included, that holds a tensor of floating
// point with a dimension under a string key, in the order of the file. What optimisers and their
// like keep is left out.
std::vector<CheckpointEntry> FindCheckpointEntries(const PickleValue& root);

// The entry `wanted`; where that is "", the one that the checkpoint is about: of "state_dict",
// "model_state_dict", "model", "net", "network", "module", "weights" and "params" the first, the
// nearest to the top; else the top; else the only one, averages aside. InvalidArgument with reason
// FILE_MALFORMED where there is no entry (what `root` holds is said), where none is meant more than
// others, and with reason ARGUMENT_INVALID where there is no `wanted`; they list the entries.
absl::StatusOr<CheckpointEntry> ChooseCheckpointEntry(const PickleValue& root,
                                                      const std::string& wanted,
                                                      absl::string_view what);

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_CHECKPOINT_ENTRY_H_
