#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/base/log.h"
#include "libs/engine/host/runner.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/write_model.h"
#include "libs/interchange/tflite/small_networks.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

// Networks that are read are also run, where that is soon done.
constexpr int64_t kMaxMacs = 1 << 20;

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {interchange::ConvolutionOnnx().Pack()};
  for (const auto& [name, network] : interchange::SmallNetworks()) {
    seeds.push_back(*interchange::WriteOnnx(network));
  }
  return seeds;
}

bool Run(absl::string_view input) {
  const auto network = interchange::ReadOnnx(input);
  if (!network.ok()) return false;
  // What is read is written, and read and written again the same.
  const auto written = interchange::WriteOnnx(*network);
  NIWAKI_CHECK(written.ok());
  const auto again = interchange::ReadOnnx(*written);
  NIWAKI_CHECK(again.ok());
  NIWAKI_CHECK(*interchange::WriteOnnx(*again) == *written);
  int64_t work = arch::CountMacs(network->graph);
  for (const arch::TensorShape& shape : network->graph.tensors) work += shape.elements();
  if (work > kMaxMacs) return true;
  auto runner = engine::HostRunner::Create(&*network);
  NIWAKI_CHECK(runner.ok());
  const std::vector<int8_t> image(network->graph.shape(runner->input()).elements());
  const auto output = runner->Run(image);
  NIWAKI_CHECK(output.ok());
  auto runner_again = engine::HostRunner::Create(&*again);
  NIWAKI_CHECK(runner_again.ok());
  NIWAKI_CHECK(*runner_again->Run(image) == *output);
  return true;
}

}  // namespace niwaki::fuzz
