// The seam between the worker's life and the arithmetic: how good one subnet is, and what it is in
// int8.

#ifndef NIWAKI_SERVICES_WORKER_SCORER_H_
#define NIWAKI_SERVICES_WORKER_SCORER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/niwaki/v1/job.pb.h"
#include "proto/niwaki/v1/worker_service.pb.h"

namespace niwaki::worker {

// What scores, or proofs, have in common that need the same files.
struct ScoreContext {
  // SCORE or PROVE.
  v1::LeaseTask task = v1::LEASE_TASK_SCORE;
  // Local files, verified.
  std::string supernet_path;
  std::string data_path;
  // Every field set.
  v1::Evaluation evaluation;
  // SHA-256 of the supernet's file; that of the data is in `evaluation`.
  std::string supernet_digest;
};

// A candidate in int8.
struct ProvenNetwork {
  // As .tflite.
  std::string file;
  // v1::Int8Network.quantise_key.
  std::string quantise_key;
  // On the evaluation's images of its split; the loss is 0.
  v1::Score score;
  // On all images of the test split; nullopt where the data has none.
  std::optional<v1::Score> test_score;
};

// Not thread-safe: the worker calls from one thread.
class Scorer {
 public:
  virtual ~Scorer() = default;

  // What the scores are computed in, one of jobs::KnownPrecisions(); the same over its life.
  virtual std::string precision() const = 0;

  // Version of its quantiser; 0 for one that cannot prove. The same over its life.
  virtual int quantiser_version() const = 0;

  // Loads what `Score`, or `Prove`, needs; called before the first one and whenever the context
  // differs from the one before. An error fails the candidates that were leased with this context.
  virtual absl::Status Prepare(const ScoreContext& context) = 0;

  // The score of one network, given in OFA's JSON form. An error fails the candidate.
  virtual absl::StatusOr<v1::Score> Score(const std::string& subnet_json) = 0;

  // The int8 network of one, and how good it is. Equal contexts and subnets give equal files. An
  // error fails the candidate. Not called where `quantiser_version` is 0.
  virtual absl::StatusOr<ProvenNetwork> Prove(const std::string& subnet_json) = 0;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_SCORER_H_
