// The flags that every kind of worker has.

#ifndef NIWAKI_SERVICES_WORKER_COMMON_OPTIONS_H_
#define NIWAKI_SERVICES_WORKER_COMMON_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <optional>

#include "services/worker/options.h"

namespace niwaki::worker {

// Adds the flags; `options` outlives `app`.
void AddCommonOptions(CLI::App& app, Options& options);

// Parses; fills in the defaults that depend on the machine (name, cache folder). The exit code
// where there is nothing more to do: 0 after printing help, 2 after printing an error.
std::optional<int> FinishParsing(CLI::App& app, int argc, const char* const* argv,
                                 Options& options);

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_COMMON_OPTIONS_H_
