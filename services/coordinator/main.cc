// niwaki-coordinator, the owner of search jobs.

#include "libs/rpc/shutdown.h"
#include "services/coordinator/options.h"
#include "services/coordinator/server.h"

int main(int argc, char** argv) {
  niwaki::rpc::BlockShutdownSignals();
  const niwaki::coordinator::ParsedOptions parsed = niwaki::coordinator::ParseOptions(argc, argv);
  if (parsed.exit_code.has_value()) return *parsed.exit_code;
  return niwaki::coordinator::RunCoordinator(parsed.options);
}
