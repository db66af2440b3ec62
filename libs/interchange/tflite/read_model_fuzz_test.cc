#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/fuzz_network_file.h"
#include "libs/interchange/small_networks.h"
#include "libs/interchange/tflite/read_model.h"
#include "libs/interchange/tflite/test_model.h"
#include "libs/interchange/tflite/write_model.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {interchange::ConvolutionModel().Pack()};
  for (const auto& [name, network] : interchange::SmallNetworks()) {
    seeds.push_back(*interchange::WriteModel(network));
  }
  return seeds;
}

bool Run(absl::string_view input) {
  return interchange::ReadWriteAndRun(
      input, [](absl::string_view file) { return interchange::ReadTflite(file); },
      [](const engine::QuantisedNetwork& network) { return interchange::WriteModel(network); });
}

}  // namespace niwaki::fuzz
