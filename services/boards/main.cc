// niwaki-boards, which stands beside boards and measures on them for an oracle.

#include "libs/base/process/standard_streams.h"
#include "libs/rpc/shutdown.h"
#include "services/boards/options.h"
#include "services/boards/server.h"

int main(int argc, char** argv) {
  niwaki::PrepareServerStreams();
  niwaki::rpc::BlockShutdownSignals();
  const auto parsed = niwaki::boards::ParseOptions(argc, argv);
  const int code = parsed.exit_code ? *parsed.exit_code : niwaki::boards::RunBoards(parsed.options);
  return niwaki::ExitCodeAfterOutput("niwaki-boards", code);
}
