// ProofBoards: where members of fronts are measured. The coordinator asks the oracle.

#ifndef NIWAKI_LIBS_JOBS_PROOF_PROOF_BOARDS_H_
#define NIWAKI_LIBS_JOBS_PROOF_PROOF_BOARDS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/jobs/proof.h"

namespace niwaki::jobs {

// A network to be measured.
struct BoardRequest {
  // Job::proof_board.
  std::string board;
  // SHA-256 of the .tflite, an artifact of the coordinator.
  std::string network_digest;
  // Name of the schedule; "" for the fastest that fits.
  std::string schedule;
  // A UUID: the same request gives the same measurement, however often it is made.
  std::string request_id;
};

// How far a measurement is.
struct BoardMeasurement {
  bool ended = false;
  // Where it has ended: figures, or why there are none and whether the network is to blame.
  std::optional<BoardFigures> figures;
  std::string failure;
  bool fault_of_network = false;
  // Where it has not: why no board works on it; "" where one does, or will soon.
  std::string waiting;
};

// Thread-safe; every call may block for some seconds. Errors that may pass are Unavailable.
class ProofBoards {
 public:
  virtual ~ProofBoards() = default;

  // What boards for `device` are to be chosen by, those that are connected now: "devices/{device}"
  // where a real one of this device is, else "core/{core}" where one of its core is, else kNoBoard.
  virtual absl::StatusOr<std::string> FindBoard(const std::string& device) = 0;

  // Asks for a measurement; its name. Brings the network to where boards take it from.
  virtual absl::StatusOr<std::string> Measure(const BoardRequest& request) = 0;

  // Waits up to `wait` for the end of a measurement. NotFound where it is not known (any more).
  virtual absl::StatusOr<BoardMeasurement> Follow(const std::string& measurement,
                                                  absl::Duration wait) = 0;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROOF_PROOF_BOARDS_H_
