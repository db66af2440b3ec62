// The part of Python's pickle format that a PyTorch checkpoint needs, read without ever running
// anything: a small machine that knows the opcodes that torch.save emits (protocol 2) and these
// globals, and refuses every other by name:
//
//   collections.OrderedDict              → a dict
//   torch._utils._rebuild_tensor_v2      → a tensor of a storage
//   torch._utils._rebuild_parameter      → the same tensor
//   torch.FloatStorage and its siblings  → the dtype of a storage
//
// Values form a tree in which a node may stand more than once (never below itself).

#ifndef NIWAKI_LIBS_TENSORFILE_PICKLE_H_
#define NIWAKI_LIBS_TENSORFILE_PICKLE_H_

#include <deque>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle_value.h"

namespace niwaki::tensorfile {

// Immutable; thread-safe.
class Pickle {
 public:
  // `what` names the source in messages. InvalidArgument with reason FILE_MALFORMED names a global
  // outside the list or an opcode that torch.save does not emit. DataLoss with reason DATA_CORRUPT
  // for the rest: more than 32 MiB or half a million values, cut short, a stack or memo used
  // wrongly, a nesting deeper than 64, a value within itself, text that is not UTF-8, a tensor
  // outside its storage.
  static absl::StatusOr<Pickle> Parse(absl::string_view bytes, absl::string_view what);

  const PickleValue& root() const { return *root_; }

 private:
  Pickle() = default;

  // A deque keeps its elements in place.
  std::unique_ptr<std::deque<PickleValue>> values_;
  const PickleValue* root_ = nullptr;
};

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PICKLE_H_
