// Python's pickle format as PyTorch's checkpoints use it, read without ever running anything: a
// small machine that knows the opcodes of protocols 2 (torch.save's) to 5 and these globals:
//
//   collections.OrderedDict, defaultdict          → a dict
//   torch._utils._rebuild_tensor_v2               → a tensor of a storage
//   torch._utils._rebuild_parameter(_with_state)  → the same tensor
//   torch._tensor._rebuild_from_type_v2           → the same tensor
//   torch.FloatStorage and its siblings           → the dtype of a storage
//
// What other globals make (argparse.Namespace, NumPy's scalars and arrays, a whole module) is an
// opaque value: named, without content, never built. Bytes, sets and integers beyond 64 bits are
// opaque, too. A global of a module that runs programs (os, subprocess) is refused by name.
//
// Values form a tree in which a node may stand more than once (never below itself).

#ifndef NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_H_
#define NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_H_

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle/pickle_value.h"

namespace niwaki::tensorfile {

// Immutable; thread-safe.
class Pickle {
 public:
  // `what` names the source in messages. InvalidArgument with reason FILE_MALFORMED names a global
  // that runs programs, another protocol or an opcode that no pickler of these emits. DataLoss with
  // reason DATA_CORRUPT for the rest: more than 32 MiB or half a million values, cut short, a stack
  // or memo used wrongly, a nesting deeper than 64, a value within itself, text that is not UTF-8,
  // a tensor outside its storage.
  static absl::StatusOr<Pickle> Parse(absl::string_view bytes, absl::string_view what);
  // The pickle that `bytes` begin with, which are moved behind it; errors as Parse.
  static absl::StatusOr<Pickle> ParseNext(absl::string_view& bytes, absl::string_view what);

  const PickleValue& root() const { return *root_; }
  // The globals that mean nothing here, sorted; at most 64.
  const std::set<std::string>& foreign() const { return foreign_; }

 private:
  Pickle() = default;

  // A deque keeps its elements in place.
  std::unique_ptr<std::deque<PickleValue>> values_;
  const PickleValue* root_ = nullptr;
  std::set<std::string> foreign_;
};

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_H_
