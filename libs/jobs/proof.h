// Proof: whether a member of a front is what the search took it for, as int8 network and, where
// there is one, on a board.
//
//   PENDING ──lease──► LEASED ──network──► QUANTISED ──asked──► MEASURING ──figures──► PROVEN
//      ▲  │               │                  │   ▲                  │                    │
//      │  └─known network─┼──────────────────┘   └──board's fault───┤                 verdict
//      └──expiry, failure─┤                  │                      │                    │
//                         │                  └──no board──► PROVEN  └─candidate's fault  │
//                         └──too many──► FAILED ◄───────────────────────────┘            │
//                                           └──────────────verdict──────────► REFUSED ◄──┘
//
// Verdicts fall when no member is on its way any more, for all in slot order (proof_plan.h).

#ifndef NIWAKI_LIBS_JOBS_PROOF_H_
#define NIWAKI_LIBS_JOBS_PROOF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// Which members of its front a job proves. The numbers are those of the wire.
enum class ProofMembers {
  kFront = 1,
  // The first of the front.
  kBest = 2,
  kNone = 3
};

// "front", "best", "none"; nullopt for another name.
absl::string_view ProofMembersName(ProofMembers members);
std::optional<ProofMembers> ProofMembersFromName(absl::string_view name);

inline constexpr int64_t kMaxExtraSlots = 1000;
inline constexpr int64_t kMaxProofMembers = 1000;

// How a job proves its front.
struct ProofSpec {
  // Jobs of before, and those that say nothing inside, prove nothing.
  ProofMembers members = ProofMembers::kNone;
  // Searched beside max_candidates in place of members that leave the front, 0 to kMaxExtraSlots.
  int64_t extra_slots = 8;
  // Of kFront at most this many, the first ones, 0 to kMaxProofMembers; 0 means all.
  int64_t max_members = 0;
  // Where no worker that proves has taken part, the job ends unproven instead of waiting for one.
  bool where_possible = false;

  // How many of the front are to be proven; nullopt for all.
  std::optional<int64_t> limit() const;

  friend bool operator==(const ProofSpec& a, const ProofSpec& b) {
    return a.members == b.members && a.extra_slots == b.extra_slots &&
           a.max_members == b.max_members && a.where_possible == b.where_possible;
  }
};

// InvalidArgument with reason ARGUMENT_INVALID for the first field out of its range,
// `spec.proof.extra_slots`.
absl::Status ValidateProofSpec(const ProofSpec& spec);

// The numbers are stored and are those of the wire.
enum class ProofState {
  kPending = 1,
  kLeased = 2,
  kQuantised = 3,
  kMeasuring = 4,
  kProven = 5,
  kRefused = 6,
  kFailed = 7
};

// "PENDING", ….
absl::string_view ProofStateName(ProofState state);

// Whether `to` may follow `from`.
bool MayBecome(ProofState from, ProofState to);

// Whether it is still on its way: neither proven nor failed nor refused.
bool IsUnderWay(ProofState state);

// What a worker made of a network.
struct Int8Network {
  // SHA-256 of the .tflite.
  std::string digest;
  int64_t quantiser_version = 0;
  // SHA-256 of what it was made from; equal keys give equal bytes.
  std::string quantise_key;
  // On the images that the job scores on.
  Score score;
  // On the test split; nullopt where the data has none.
  std::optional<Score> test_score;
};

// InvalidArgument with reason ARGUMENT_INVALID or SCORE_NOT_FINITE for the first wrong field.
absl::Status ValidateInt8Network(const Int8Network& network);

// Whether both say the same of a network, but for the time it took.
bool SameNetwork(const Int8Network& a, const Int8Network& b);

// What one quantiser's int8 network is a pure function of.
struct NetworkKey {
  ScoreKey score;
  int64_t quantiser_version = 0;

  friend bool operator==(const NetworkKey& a, const NetworkKey& b) {
    return a.score == b.score && a.quantiser_version == b.quantiser_version;
  }
  friend bool operator<(const NetworkKey& a, const NetworkKey& b) {
    return a.score == b.score ? a.quantiser_version < b.quantiser_version : a.score < b.score;
  }
  template <typename H>
  friend H AbslHashValue(H h, const NetworkKey& k) {
    return H::combine(std::move(h), k.score, k.quantiser_version);
  }
};

// What a board gave for one inference, every output compared with the host's. Stands beside the
// cost of the search and is never mixed with it.
struct BoardFigures {
  // Name of the board.
  std::string board;
  // kEmulated or kMeasured.
  cost::Provenance provenance = cost::Provenance::kEmulated;
  // "instructions" or "cycles".
  std::string unit;
  // Of one inference: mean, smallest and largest over `inputs`.
  int64_t count = 0;
  int64_t count_low = 0;
  int64_t count_high = 0;
  int64_t inputs = 0;
  int64_t clock_hz = 0;
  // Exact: arena; of the linked firmware data and zeros, and code and constants.
  int64_t arena_bytes = 0;
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
  // High-water mark.
  int64_t stack_bytes = 0;
  // Name of the schedule that ran.
  std::string schedule;
  std::string outputs_digest;
  // Of the bill of materials of what was built; "" from services of before.
  std::string bill_digest;
  std::string firmware_digest;
  std::string compiler_digest;

  // Of one inference: cycles over clock. Not known on an emulated board, which has no time.
  cost::Figure latency_us() const;
};

// The stored form; reads back to the same. DataLoss for text that it did not write.
std::string BoardFiguresToJson(const BoardFigures& figures);
absl::StatusOr<BoardFigures> BoardFiguresFromJson(absl::string_view json);

// Of one candidate that was chosen to be proven.
struct Proof {
  ProofState state = ProofState::kPending;
  // Why it failed, was refused, or was on no board where one was sought.
  std::string reason;
  // In which choice of members it was, from 1.
  int64_t round = 0;
  std::optional<Int8Network> network;
  // The network was known from another job.
  bool cached = false;
  // Workers that failed on it or vanished while proving it, once for each time.
  std::vector<std::string> strikes;
  // The last that was asked for, "measurements/{number}", and how many were.
  std::string measurement;
  int64_t measurements = 0;
  std::optional<BoardFigures> figures;
};

// How many of a job's proofs are in which state; equal to what counting the rows gives.
struct ProofCounters {
  int64_t pending = 0;
  int64_t leased = 0;
  int64_t quantised = 0;
  int64_t measuring = 0;
  int64_t proven = 0;
  int64_t refused = 0;
  int64_t failed = 0;

  int64_t under_way() const { return pending + leased + quantised + measuring; }
  int64_t& Of(ProofState state);

  friend bool operator==(const ProofCounters& a, const ProofCounters& b) {
    return a.pending == b.pending && a.leased == b.leased && a.quantised == b.quantised &&
           a.measuring == b.measuring && a.proven == b.proven && a.refused == b.refused &&
           a.failed == b.failed;
  }
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROOF_H_
