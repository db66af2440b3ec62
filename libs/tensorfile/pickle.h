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

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

enum class PickleKind {
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kList,
  kTuple,
  kDict,
  kTensor,
  // Only while a pickle is read; never in a finished one.
  kGlobal,
  kStorage,
};

// "None", "bool", "int", …: as Python names it.
absl::string_view PickleKindName(PickleKind kind);

// Elements of one dtype that tensors share; `key` names where they lie.
struct PickledStorage {
  Dtype dtype = Dtype::kF32;
  std::string key;
  int64_t elements = 0;
};

// Where a tensor lies in its storage, counted in elements. Dimensions and strides are not negative
// and every element lies within the storage.
struct PickledTensor {
  PickledStorage storage;
  int64_t offset = 0;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
};

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  // UTF-8; of a global, its module and name with a dot between.
  std::string text;
  // Of a list or tuple.
  std::vector<const PickleValue*> items;
  // Of a dict, in the order of the file; keys are strings or integers, each once.
  std::vector<std::pair<const PickleValue*, const PickleValue*>> entries;
  // Of a tensor; of a storage, its `storage`.
  PickledTensor tensor;

  // The value under a string key of a dict; null where there is none or this is no dict.
  const PickleValue* Find(absl::string_view key) const;
};

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
