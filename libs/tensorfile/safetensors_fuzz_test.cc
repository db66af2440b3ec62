#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/tensorfile/safetensors.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::string bytes(24, '\x3f');
  tensorfile::TensorMap tensors;
  tensors["a"] = {tensorfile::Dtype::kF32, {2, 3}, bytes};
  tensors["b"] = {tensorfile::Dtype::kI64, {3}, bytes};
  return {tensorfile::SerializeSafetensors({{"who", "test"}}, tensors),
          tensorfile::SerializeSafetensors({}, {})};
}

bool Run(absl::string_view input) {
  const auto file = tensorfile::Safetensors::Parse(input, "input");
  if (!file.ok()) return false;
  for (const auto& [name, tensor] : file->tensors) {
    NIWAKI_CHECK(tensor.bytes.empty() ||
                 (tensor.bytes.data() >= input.data() &&
                  tensor.bytes.data() + tensor.bytes.size() <= input.data() + input.size()));
    tensorfile::Describe(tensor);
  }
  const std::string again = tensorfile::SerializeSafetensors(file->metadata, file->tensors);
  const auto reread = tensorfile::Safetensors::Parse(again, "again");
  NIWAKI_CHECK(reread.ok() && reread->tensors.size() == file->tensors.size());
  return true;
}

}  // namespace niwaki::fuzz
