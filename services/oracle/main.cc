#include <cstdio>
#include <string>

#include "libs/rpc/shutdown.h"
#include "services/oracle/options.h"
#include "services/oracle/server.h"

int main(int argc, char** argv) {
  niwaki::rpc::BlockShutdownSignals();
  const auto parsed = niwaki::oracle::ParseOptions(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  const auto server = niwaki::oracle::OracleServer::Start(parsed.options);
  if (!server.ok()) {
    std::fprintf(stderr, "niwaki-oracle: %s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  std::printf("oracle listening on %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  niwaki::rpc::WaitForShutdownSignal();
  (*server)->Shutdown();
  return 0;
}
