#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/train/safetensors.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::string bytes(24, '\x3f');
  train::TensorMap tensors;
  tensors["a"] = {train::Dtype::kF32, {2, 3}, bytes};
  tensors["b"] = {train::Dtype::kI64, {3}, bytes};
  return {train::SerializeSafetensors({{"who", "test"}}, tensors),
          train::SerializeSafetensors({}, {})};
}

bool Run(absl::string_view input) {
  const auto file = train::Safetensors::Parse(input, "input");
  if (!file.ok()) return false;
  for (const auto& [name, tensor] : file->tensors) {
    NIWAKI_CHECK(tensor.bytes.empty() ||
                 (tensor.bytes.data() >= input.data() &&
                  tensor.bytes.data() + tensor.bytes.size() <= input.data() + input.size()));
    train::Describe(tensor);
  }
  const std::string again = train::SerializeSafetensors(file->metadata, file->tensors);
  const auto reread = train::Safetensors::Parse(again, "again");
  NIWAKI_CHECK(reread.ok() && reread->tensors.size() == file->tensors.size());
  return true;
}

}  // namespace niwaki::fuzz
