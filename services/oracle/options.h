// The oracle's command line.

#ifndef NIWAKI_SERVICES_ORACLE_OPTIONS_H_
#define NIWAKI_SERVICES_ORACLE_OPTIONS_H_

#include <optional>
#include <string>

#include "libs/base/clock.h"

namespace niwaki::oracle {

struct Options {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:50052";
  // The database; its folder is made where it is missing.
  std::string db_path;
  // Gets the real address when the oracle is ready; "" for none.
  std::string address_file;
  int max_message_mb = 16;
  // How long SIGTERM waits for running calls.
  double drain_timeout_s = 10;
  // How long boards and their measurements wait for a service that is silent.
  double board_ttl_s = 15;
  bool reflection = true;
  // No flag: tests replace it. Borrowed; outlives the server.
  Clock* clock = &Clock::Real();
};

struct ParsedOptions {
  Options options;
  // Set when there is nothing more to do: help was printed (0) or the command line is wrong (2).
  std::optional<int> exit_code;
};

// Reads the command line, checks every value and fills in the defaults that depend on the machine
// (the database's path). Help goes to standard output, errors to standard error.
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_OPTIONS_H_
