// What is believed of a board, from what its runs gave: pure rules.
//
//                     canary as expected
//   UNKNOWN ─────────────────────────────► GOOD ──► … ──► UNKNOWN   registered anew, a failure that
//      ▲                                    │             is not the network's
//      │ clear                              │ drift, a wrong byte, three strikes in a row
//      └──────────── BAD, MAINTENANCE ◄─────┘ (from any); a person takes it out: MAINTENANCE
//
// LOOPING is a burn-in: canaries one after another, then GOOD; any failure of the board then makes
// it BAD. A strike is a time-out or a failure of class "board"; whatever works ends the row.

#ifndef NIWAKI_LIBS_MEASURE_BOARD_HEALTH_H_
#define NIWAKI_LIBS_MEASURE_BOARD_HEALTH_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

// Classes of failures, as libs/board/failure names them.
inline constexpr char kInfrastructure[] = "infrastructure";
inline constexpr char kBoardFailure[] = "board";
inline constexpr char kCandidate[] = "candidate";
inline constexpr char kTimeout[] = "time-out";
inline constexpr char kConfiguration[] = "configuration";

struct HealthOptions {
  // How far the canary's count may be from what is expected, as a share of it.
  double measured_band = 0.02;
  double emulated_band = 0.001;
  // Canaries by the clock, and by the count of measurements.
  absl::Duration canary_interval = absl::Hours(1);
  int canary_measurements = 100;
  int max_strikes = 3;
  // Nothing is tried for that long after a failure that is not the board's own; after each further
  // one in a row twice as long, up to the longest.
  absl::Duration retry_after = absl::Seconds(5);
  absl::Duration longest_retry = absl::Minutes(5);
};

// Whether the board may be given anything at all.
bool MayRun(const v1::Board& board, absl::Time now);

// Whether its canary comes before other work; for one that MayRun.
bool CanaryIsDue(const v1::Board& board, const HealthOptions& options, absl::Time now);

// Sets a health and its reason; the time is that of the change.
void SetHealth(v1::Board& board, v1::BoardHealth health, absl::string_view reason, absl::Time now);

// A process has begun to drive it: what was good is unknown.
void OnConnected(v1::Board& board, absl::string_view reason, absl::Time now);

// The canary ran with the host's bytes. The first count of each firmware, compiler and network is
// what is expected from then on.
void OnCanary(v1::Board& board, const v1::MeasurementResult& result, const HealthOptions& options,
              absl::Time now);

// Any other measurement did.
void OnMeasured(v1::Board& board, const v1::MeasurementResult& result);

// One failed. `canary`: it is the board's fault then, whoever seems to be to blame.
void OnFailure(v1::Board& board, const v1::MeasurementFailure& failure, bool canary,
               const HealthOptions& options, absl::Time now);

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_BOARD_HEALTH_H_
