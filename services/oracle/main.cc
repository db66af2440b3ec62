// niwaki-oracle, which says what networks cost on devices.

#include "libs/base/process/standard_streams.h"
#include "libs/rpc/shutdown.h"
#include "services/oracle/options.h"
#include "services/oracle/server.h"

int main(int argc, char** argv) {
  niwaki::PrepareServerStreams();
  niwaki::rpc::BlockShutdownSignals();
  const auto parsed = niwaki::oracle::ParseOptions(argc, argv);
  const int code = parsed.exit_code ? *parsed.exit_code : niwaki::oracle::RunOracle(parsed.options);
  return niwaki::ExitCodeAfterOutput("niwaki-oracle", code);
}
