// The coordinator's command line.

#ifndef NIWAKI_SERVICES_COORDINATOR_OPTIONS_H_
#define NIWAKI_SERVICES_COORDINATOR_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"

namespace niwaki::coordinator {

struct Options {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:50051";
  // Database and artifacts; made when it is not there.
  std::string data_dir = "niwaki-data";
  // "host:port" of the oracle.
  std::string oracle = "127.0.0.1:50052";
  absl::Duration lease_ttl = absl::Seconds(15);
  // How long a worker may score one candidate before it is given to another worker.
  absl::Duration max_lease = absl::Minutes(15);
  // Different workers that may fail on a candidate before it is given up.
  int max_strikes = 2;
  // Gets the address in use once the server listens; "" for none.
  std::string address_file;
  // How long running calls may go on after SIGTERM.
  absl::Duration drain_timeout = absl::Seconds(5);
  // No flags: what tests replace. The clock is borrowed and outlives the server.
  Clock* clock = &Clock::Real();
  std::function<uint64_t()> entropy = &EntropySeed;
};

struct ParsedOptions {
  Options options;
  // Set when there is nothing more to do: help was printed (0) or the command line is wrong (2).
  std::optional<int> exit_code;
};

// Help goes to standard output, errors to standard error.
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_OPTIONS_H_
