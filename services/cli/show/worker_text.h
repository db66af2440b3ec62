// Workers as people read them.

#ifndef NIWAKI_SERVICES_CLI_SHOW_WORKER_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_WORKER_TEXT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/niwaki/v1/worker_service.pb.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {

// "WORKING".
std::string StateName(v1::WorkerState state);

// "8 s", "5 min", "3 h", "2 d": how long ago, rounded down; "-" for a time that is not set.
std::string AgeText(const google::protobuf::Timestamp* time, absl::Time now);

// "w0 ended: no room on the disk": a line for each worker that said why it ended.
std::string TroubleNotes(const std::vector<v1::Worker>& workers);

// One line for each worker.
Table WorkerTable(const std::vector<v1::Worker>& workers, absl::Time now);

// "workers/a is DRAINING: it finishes the 3 candidates that it holds": what asking for a drain, or
// taking it back, has led to.
std::string DrainNote(const v1::Worker& worker);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_WORKER_TEXT_H_
