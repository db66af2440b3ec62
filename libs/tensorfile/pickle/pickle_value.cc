#include "libs/tensorfile/pickle/pickle_value.h"

namespace niwaki::tensorfile {

absl::string_view PickleKindName(PickleKind kind) {
  static constexpr const char* kNames[] = {"None",  "bool", "int",    "float", "str",     "list",
                                           "tuple", "dict", "tensor", "class", "storage", "object"};
  return kNames[static_cast<int>(kind)];
}

const PickleValue* PickleValue::Find(absl::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name->kind == PickleKind::kString && name->text == key) return value;
  }
  return nullptr;
}

}  // namespace niwaki::tensorfile
