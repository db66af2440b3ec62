// The seam between the worker's life and the arithmetic: how good one subnet is.

#ifndef NIWAKI_SERVICES_WORKER_SCORER_H_
#define NIWAKI_SERVICES_WORKER_SCORER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::worker {

// What scores have in common that need the same files.
struct ScoreContext {
  // Local files, verified.
  std::string supernet_path;
  std::string data_path;
  // Every field set.
  v1::Evaluation evaluation;
  // SHA-256 of the supernet's file; that of the data is in `evaluation`.
  std::string supernet_digest;
};

// Not thread-safe: the worker calls from one thread.
class Scorer {
 public:
  virtual ~Scorer() = default;

  // What the scores are computed in, one of jobs::KnownPrecisions(); the same over its life.
  virtual std::string precision() const = 0;

  // Loads what `Score` needs; called before the first score and whenever the context differs from
  // the one before. An error fails the candidates that were leased with this context.
  virtual absl::Status Prepare(const ScoreContext& context) = 0;

  // The score of one network, given in OFA's JSON form. An error fails the candidate.
  virtual absl::StatusOr<v1::Score> Score(const std::string& subnet_json) = 0;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_SCORER_H_
