#include "libs/base/process/standard_streams.h"
#include "libs/rpc/shutdown.h"
#include "services/worker/fake_options.h"
#include "services/worker/fake_scorer.h"
#include "services/worker/server.h"

int main(int argc, char** argv) {
  niwaki::PrepareServerStreams();
  niwaki::rpc::BlockShutdownSignals();
  const auto parsed = niwaki::worker::ParseFakeOptions(argc, argv);
  if (parsed.exit_code) return niwaki::ExitCodeAfterOutput("fake_worker", *parsed.exit_code);
  niwaki::worker::FakeScorer scorer(parsed.fake);
  return niwaki::worker::RunWorker(parsed.options, scorer);
}
