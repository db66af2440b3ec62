// What a fuzz target of a format of network files does with an input: reads it, and where that
// works writes, reads and runs it.

#ifndef NIWAKI_LIBS_INTERCHANGE_FUZZ_NETWORK_FILE_H_
#define NIWAKI_LIBS_INTERCHANGE_FUZZ_NETWORK_FILE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/base/log.h"
#include "libs/engine/host/runner.h"

namespace niwaki::interchange {

// Networks that are read are also run, where that is soon done.
inline constexpr int64_t kMaxFuzzMacs = 1 << 20;

// Whether `input` is read. Ends the process where what is read is not written, is not read and
// written again the same, or gives other outputs then.
template <typename Read, typename Write>
bool ReadWriteAndRun(absl::string_view input, const Read& read, const Write& write) {
  const auto network = read(input);
  if (!network.ok()) return false;
  const auto written = write(*network);
  NIWAKI_CHECK(written.ok());
  const auto again = read(*written);
  if (!again.ok()) Log(Severity::kError, "not_read_again", {{"why", again.status().message()}});
  NIWAKI_CHECK(again.ok());
  NIWAKI_CHECK(*write(*again) == *written);
  int64_t work = arch::CountMacs(network->graph);
  for (const arch::TensorShape& shape : network->graph.tensors) work += shape.elements();
  if (work > kMaxFuzzMacs) return true;
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

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_FUZZ_NETWORK_FILE_H_
