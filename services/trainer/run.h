// The commands of niwaki-train, from options to exit code.

#ifndef NIWAKI_SERVICES_TRAINER_RUN_H_
#define NIWAKI_SERVICES_TRAINER_RUN_H_

#include "libs/base/clock.h"

namespace niwaki::trainer {

// Results go to standard output, progress and errors to standard error; with --output json errors
// go to standard output as well, as an object. Exit codes and the form of errors are those of
// niwaki (services/cli/exit_code.h): 0 done; 130 stopped by SIGINT, SIGTERM or SIGHUP with a
// checkpoint written.
int Run(int argc, const char* const* argv, Clock& clock);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_RUN_H_
