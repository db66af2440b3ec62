#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/idx.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::string images(
      "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02"
      "abcd",
      20);
  const std::string labels("\0\0\x08\x01\0\0\0\x03\0\x01\x02", 11);
  return {images, labels};
}

bool Run(absl::string_view input) {
  auto array = data::ParseIdx(input, "input");
  if (!array.ok()) return false;
  NIWAKI_CHECK(array->values.size() <= input.size());
  const auto labels = data::ParseIdx(Seeds()[1], "labels");
  const auto pair = data::PairIdx(*std::move(array), *labels, "pair");
  NIWAKI_CHECK(!pair.ok() || pair->size() == 3);
  return true;
}

}  // namespace niwaki::fuzz
