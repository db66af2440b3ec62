// niwaki-coordinator, the owner of search jobs.

#include "libs/base/process/standard_streams.h"
#include "libs/rpc/shutdown.h"
#include "services/coordinator/options.h"
#include "services/coordinator/server.h"

int main(int argc, char** argv) {
  niwaki::PrepareServerStreams();
  niwaki::rpc::BlockShutdownSignals();
  const niwaki::coordinator::ParsedOptions parsed = niwaki::coordinator::ParseOptions(argc, argv);
  const int code = parsed.exit_code.has_value()
                       ? *parsed.exit_code
                       : niwaki::coordinator::RunCoordinator(parsed.options);
  return niwaki::ExitCodeAfterOutput("niwaki-coordinator", code);
}
