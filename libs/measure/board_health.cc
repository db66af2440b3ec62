#include "libs/measure/board_health.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/measure/times.h"

namespace niwaki::measure {
namespace {

constexpr double kPercent = 100;

bool IsOut(const v1::Board& board) {
  return board.health() == v1::BOARD_HEALTH_BAD || board.health() == v1::BOARD_HEALTH_MAINTENANCE;
}

double BandOf(const v1::Board& board, const HealthOptions& options) {
  return board.description().provenance() == v1::PROVENANCE_EMULATED ? options.emulated_band
                                                                     : options.measured_band;
}

void Count(v1::Board& board, const v1::MeasurementResult& result) {
  board.set_runs(board.runs() + 1);
  board.set_flash_writes(board.flash_writes() + result.flash_writes());
  board.set_strikes(0);
  board.set_setbacks(0);
}

// Until the next try after so many failures of what lies between.
absl::Duration RetryAfter(int setbacks, const HealthOptions& options) {
  absl::Duration wait = options.retry_after;
  for (int i = 1; i < setbacks && wait < options.longest_retry; ++i) wait *= 2;
  return std::min(wait, options.longest_retry);
}

std::string DriftText(const v1::Board& board, const v1::MeasurementResult& result, double band) {
  return absl::StrCat("drift: its canary took ", result.count(), " ", result.unit(), " where ",
                      board.canary().expected_count(), " are expected; the band is ",
                      NumberText(band * kPercent), " %");
}

}  // namespace

bool MayRun(const v1::Board& board, absl::Time now) {
  if (IsOut(board) || board.draining()) return false;
  return !board.has_not_before() || FromTimestamp(board.not_before()) <= now;
}

bool CanaryIsDue(const v1::Board& board, const HealthOptions& options, absl::Time now) {
  if (board.health() != v1::BOARD_HEALTH_GOOD) return true;
  const v1::Canary& canary = board.canary();
  return canary.measurements_since() >= options.canary_measurements || !canary.has_last_time() ||
         FromTimestamp(canary.last_time()) + options.canary_interval <= now;
}

void SetHealth(v1::Board& board, v1::BoardHealth health, absl::string_view reason, absl::Time now) {
  if (board.health() != health) *board.mutable_health_time() = ToTimestamp(now);
  board.set_health(health);
  board.set_health_reason(std::string(reason));
}

void OnConnected(v1::Board& board, absl::string_view reason, absl::Time now) {
  board.clear_not_before();
  board.set_setbacks(0);
  if (IsOut(board) || board.health() == v1::BOARD_HEALTH_LOOPING) return;
  SetHealth(board, v1::BOARD_HEALTH_UNKNOWN, reason, now);
}

void OnCanary(v1::Board& board, const v1::MeasurementResult& result, const HealthOptions& options,
              absl::Time now) {
  Count(board, result);
  v1::Canary& canary = *board.mutable_canary();
  const std::string digest = absl::StrCat(result.firmware_digest(), "/", result.compiler_digest(),
                                          "/", result.network_digest());
  if (canary.digest() != digest) {
    canary.set_digest(digest);
    canary.set_expected_count(result.count());
  }
  canary.set_last_count(result.count());
  if (IsOut(board)) return;
  const double band = BandOf(board, options);
  const auto expected = static_cast<double>(canary.expected_count());
  if (std::abs(static_cast<double>(result.count()) - expected) > band * expected) {
    SetHealth(board, v1::BOARD_HEALTH_BAD, DriftText(board, result, band), now);
    return;
  }
  *canary.mutable_last_time() = ToTimestamp(now);
  canary.set_measurements_since(0);
  if (board.health() == v1::BOARD_HEALTH_LOOPING && board.burn_in_left() > 1) {
    board.set_burn_in_left(board.burn_in_left() - 1);
    return;
  }
  board.set_burn_in_left(0);
  SetHealth(board, v1::BOARD_HEALTH_GOOD, "", now);
}

void OnMeasured(v1::Board& board, const v1::MeasurementResult& result) {
  Count(board, result);
  v1::Canary& canary = *board.mutable_canary();
  canary.set_measurements_since(canary.measurements_since() + 1);
}

void OnFailure(v1::Board& board, const v1::MeasurementFailure& failure, bool canary,
               const HealthOptions& options, absl::Time now) {
  board.set_failures(board.failures() + 1);
  *board.mutable_last_failure() = failure;
  const std::string& what = failure.failure_class();
  if (what == kCandidate && !canary) {
    // It has answered.
    board.set_strikes(0);
    return;
  }
  if (IsOut(board)) return;
  const std::string why = absl::StrCat(what, " failure: ", failure.message());
  if (failure.reason() == reason::kBoardWrongOutput) {
    SetHealth(board, v1::BOARD_HEALTH_BAD, why, now);
    return;
  }
  const bool elsewhere = what == kInfrastructure || what == kConfiguration;
  if (!elsewhere) {
    board.set_strikes(board.strikes() + 1);
    const bool burning_in = board.health() == v1::BOARD_HEALTH_LOOPING;
    if (burning_in || board.strikes() >= options.max_strikes) {
      SetHealth(board, v1::BOARD_HEALTH_BAD,
                absl::StrCat(burning_in ? "in its burn-in, a "
                                        : absl::StrCat(board.strikes(), " in a row, the last a "),
                             why),
                now);
      return;
    }
  }
  if (elsewhere) {
    board.set_setbacks(board.setbacks() + 1);
    *board.mutable_not_before() = ToTimestamp(now + RetryAfter(board.setbacks(), options));
  }
  if (board.health() != v1::BOARD_HEALTH_LOOPING) {
    SetHealth(board, v1::BOARD_HEALTH_UNKNOWN, why, now);
  }
}

}  // namespace niwaki::measure
