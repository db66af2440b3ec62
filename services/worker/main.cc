#include <cstdio>
#include <string>

#include "libs/base/process/standard_streams.h"
#include "libs/rpc/shutdown.h"
#include "services/worker/options.h"
#include "services/worker/server.h"
#include "services/worker/torch_scorer.h"

int main(int argc, char** argv) {
  niwaki::PrepareServerStreams();
  niwaki::rpc::BlockShutdownSignals();
  const auto parsed = niwaki::worker::ParseOptions(argc, argv);
  if (parsed.exit_code) {
    return niwaki::ExitCodeAfterOutput("niwaki-worker", *parsed.exit_code);
  }
  const auto scorer =
      niwaki::worker::TorchScorer::Create(parsed.options.device, parsed.options.threads);
  if (!scorer.ok()) {
    std::fprintf(stderr, "niwaki-worker: %s\n", std::string(scorer.status().message()).c_str());
    return 1;
  }
  return niwaki::worker::RunWorker(parsed.options, **scorer);
}
