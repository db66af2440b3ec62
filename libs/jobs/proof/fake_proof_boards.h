// Boards that tests tell what to do.

#ifndef NIWAKI_LIBS_JOBS_PROOF_FAKE_PROOF_BOARDS_H_
#define NIWAKI_LIBS_JOBS_PROOF_FAKE_PROOF_BOARDS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/cost/provenance.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/proof_boards.h"

namespace niwaki::jobs {

// What an emulated board says of a network; the same for the same digest.
inline BoardFigures FakeFiguresOf(const std::string& digest) {
  BoardFigures figures;
  figures.board = "m7-0";
  figures.provenance = cost::Provenance::kEmulated;
  figures.unit = "instructions";
  figures.count = figures.count_low = figures.count_high = 100000 + digest[0];
  figures.inputs = 16;
  figures.bill_digest = digest;
  return figures;
}

// For one thread.
class FakeProofBoards : public ProofBoards {
 public:
  // What is answered; may be changed at any time.
  absl::StatusOr<std::string> board = std::string("core/cortex-m7");
  absl::Status measure_error;
  absl::Status follow_error;
  // By digest of the network, where not the figures of FakeFiguresOf.
  std::map<std::string, BoardMeasurement> outcomes;

  // In order, each once.
  const std::vector<BoardRequest>& requests() const { return requests_; }

  absl::StatusOr<std::string> FindBoard(const std::string&) override { return board; }

  absl::StatusOr<std::string> Measure(const BoardRequest& request) override {
    if (!measure_error.ok()) return measure_error;
    const auto [it, fresh] =
        names_.try_emplace(request.request_id, absl::StrCat("measurements/", names_.size() + 1));
    if (fresh) {
      requests_.push_back(request);
      digests_[it->second] = request.network_digest;
    }
    return it->second;
  }

  absl::StatusOr<BoardMeasurement> Follow(const std::string& measurement, absl::Duration) override {
    if (!follow_error.ok()) return follow_error;
    const auto digest = digests_.find(measurement);
    if (digest == digests_.end()) return absl::NotFoundError("there is no such measurement");
    const auto told = outcomes.find(digest->second);
    if (told != outcomes.end()) return told->second;
    BoardMeasurement found;
    found.ended = true;
    found.figures = FakeFiguresOf(digest->second);
    return found;
  }

 private:
  std::vector<BoardRequest> requests_;
  // By request id, and digests by name.
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> digests_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROOF_FAKE_PROOF_BOARDS_H_
