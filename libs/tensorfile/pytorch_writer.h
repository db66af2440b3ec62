// Checkpoints that torch.load reads: the writing side of libs/tensorfile/pytorch_file.h.

#ifndef NIWAKI_LIBS_TENSORFILE_PYTORCH_WRITER_H_
#define NIWAKI_LIBS_TENSORFILE_PYTORCH_WRITER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

// In the order of the file.
using NamedTensors = std::vector<std::pair<std::string, TensorView>>;

// The bytes of a checkpoint that torch.load reads: {"state_dict": OrderedDict of `tensors`}, or
// the OrderedDict itself where `key` is empty. `name` is the folder in the archive. Equal input
// gives equal bytes. InvalidArgument with reason ARGUMENT_INVALID when they are 4 GiB or more.
absl::StatusOr<std::string> SerializeStateDict(const NamedTensors& tensors, const std::string& key,
                                               const std::string& name = "archive");

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PYTORCH_WRITER_H_
