// The fake worker's command line.

#ifndef NIWAKI_SERVICES_WORKER_FAKE_OPTIONS_H_
#define NIWAKI_SERVICES_WORKER_FAKE_OPTIONS_H_

#include <optional>

#include "services/worker/fake_scorer.h"
#include "services/worker/options.h"

namespace niwaki::worker {

struct ParsedFakeOptions {
  Options options;
  FakeScorerOptions fake;
  // As in ParsedOptions.
  std::optional<int> exit_code;
};

// As ParseOptions.
ParsedFakeOptions ParseFakeOptions(int argc, const char* const* argv);

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_FAKE_OPTIONS_H_
