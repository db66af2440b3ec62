// The commands of niwaki-train, from options to exit code.

#ifndef NIWAKI_SERVICES_TRAINER_RUN_H_
#define NIWAKI_SERVICES_TRAINER_RUN_H_

namespace niwaki::trainer {

// Exit codes: 0 done; 1 failed; 2 wrong arguments; 130 stopped by SIGINT or SIGTERM with a
// checkpoint written.
int Run(int argc, const char* const* argv);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_RUN_H_
