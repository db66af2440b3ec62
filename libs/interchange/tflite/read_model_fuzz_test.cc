#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/engine/host/runner.h"
#include "libs/interchange/tflite/read_model.h"
#include "libs/interchange/tflite/test_model.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

// Networks that are read are also run, where that is soon done.
constexpr int64_t kMaxMacs = 1 << 20;

}  // namespace

std::vector<std::string> Seeds() { return {interchange::ConvolutionModel().Pack()}; }

bool Run(absl::string_view input) {
  const auto network = interchange::ReadTflite(input);
  if (!network.ok()) return false;
  int64_t work = arch::CountMacs(network->graph);
  for (const arch::TensorShape& shape : network->graph.tensors) work += shape.elements();
  if (work > kMaxMacs) return true;
  auto runner = engine::HostRunner::Create(&*network);
  NIWAKI_CHECK(runner.ok());
  const std::vector<int8_t> image(network->graph.shape(runner->input()).elements());
  NIWAKI_CHECK(runner->Run(image).ok());
  return true;
}

}  // namespace niwaki::fuzz
