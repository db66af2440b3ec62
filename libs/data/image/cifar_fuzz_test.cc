#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/cifar.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  std::string one(3073, '\x7f');
  one[0] = 3;
  return {one, one + one};
}

bool Run(absl::string_view input) {
  data::ExampleSet ten;
  data::ExampleSet hundred;
  const bool ok = data::AppendCifar(input, data::CifarKind::kCifar10, "input", ten).ok();
  const bool ok100 = data::AppendCifar(input, data::CifarKind::kCifar100, "input", hundred).ok();
  if (ok) NIWAKI_CHECK(ten.examples.size() == ten.labels.size() * 3072);
  return ok || ok100;
}

}  // namespace niwaki::fuzz
