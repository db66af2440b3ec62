// A worker process: builds everything from Options, runs until it is told to stop.

#ifndef NIWAKI_SERVICES_WORKER_SERVER_H_
#define NIWAKI_SERVICES_WORKER_SERVER_H_

#include "services/worker/options.h"
#include "services/worker/scorer.h"

namespace niwaki::worker {

// Blocks until SIGTERM, SIGINT, the coordinator's drain or an error that the worker cannot work
// around; returns the exit code, 0 or 1. BlockShutdownSignals has been called. Call once in a
// process.
int RunWorker(const Options& options, Scorer& scorer);

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_SERVER_H_
