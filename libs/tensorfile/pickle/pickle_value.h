// The values that a pickle holds (libs/tensorfile/pickle.h).

#ifndef NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_VALUE_H_
#define NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_VALUE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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
  // A class or function itself; `text` is its name.
  kGlobal,
  // What tensors lie in.
  kStorage,
  // Anything else, an object of the class `text` or a value of the type `text`: never built, and
  // without content here.
  kOpaque,
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
  // UTF-8; of a global, its module and name with a dot between, and of an opaque value, those of
  // what would have made it.
  std::string text;
  // Of a list or tuple.
  std::vector<const PickleValue*> items;
  // Of a dict, in the order of the file; keys that are strings or integers are there once.
  std::vector<std::pair<const PickleValue*, const PickleValue*>> entries;
  // Of a tensor; of a storage, its `storage`.
  PickledTensor tensor;

  // The value under a string key of a dict; null where there is none or this is no dict.
  const PickleValue* Find(absl::string_view key) const;
};

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_VALUE_H_
