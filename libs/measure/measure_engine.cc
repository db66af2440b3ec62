#include "libs/measure/measure_engine.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/measure/checks.h"
#include "libs/measure/queue.h"
#include "libs/measure/times.h"

namespace niwaki::measure {
namespace {

constexpr size_t kMaxFailures = 20;
constexpr size_t kMaxLateResults = 20;

bool HasEnded(const v1::Measurement& measurement) {
  return measurement.state() == v1::MEASUREMENT_STATE_SUCCEEDED ||
         measurement.state() == v1::MEASUREMENT_STATE_FAILED;
}

v1::MeasurementFailure LostFailure(lease::LeaseEnd end) {
  v1::MeasurementFailure failure;
  const bool overdue = end == lease::LeaseEnd::kOverdue;
  failure.set_failure_class(overdue ? kTimeout : kInfrastructure);
  failure.set_code(static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  failure.set_reason(overdue ? reason::kDeadlineExceeded : reason::kLeaseExpired);
  failure.set_message(overdue ? "lease: it ran for too long"
                              : "lease: the board's service is gone");
  return failure;
}

ReportVerdict Rejected(absl::string_view why) {
  return {v1::MEASUREMENT_VERDICT_REJECTED, std::string(why)};
}

bool SameFigures(const v1::MeasurementResult& a, const v1::MeasurementResult& b) {
  return a.board() == b.board() && a.count() == b.count() &&
         a.outputs_digest() == b.outputs_digest() && a.firmware_digest() == b.firmware_digest();
}

bool HasFailedOn(const v1::Measurement& measurement, const std::string& board) {
  return std::any_of(
      measurement.failures().begin(), measurement.failures().end(),
      [&board](const v1::MeasurementFailure& failure) { return failure.board() == board; });
}

std::string WantedText(const v1::MeasurementSpec& spec) {
  std::string text;
  for (const std::string* part : {&spec.board(), &spec.device(), &spec.core()}) {
    if (!part->empty()) absl::StrAppend(&text, text.empty() ? "" : ", ", *part);
  }
  if (spec.tags_size() > 0) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "tags ", absl::StrJoin(spec.tags(), ", "));
  }
  if (!spec.reservation().empty()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "reserved by ", spec.reservation());
  }
  return text.empty() ? "any" : text;
}

}  // namespace

void MeasureEngine::Load(const std::vector<v1::Board>& boards,
                         const std::vector<std::pair<int64_t, v1::Measurement>>& measurements,
                         int64_t next_uid, absl::Time now) {
  loaded_ = now;
  next_uid_ = next_uid;
  for (const v1::Board& board : boards) boards_[board.name()] = board;
  for (const auto& [uid, measurement] : measurements) {
    measurements_[uid] = measurement;
    if (measurement.state() != v1::MEASUREMENT_STATE_LEASED) continue;
    leases_.Claim({{uid}, measurement.epoch()}, measurement.board(), now);
    // Its clock of the hard end begins anew.
    leases_.Renew({{uid}, measurement.epoch()}, measurement.board(), /*running=*/true, now);
  }
}

void MeasureEngine::Adopt(int64_t uid, const v1::Measurement& measurement) {
  measurements_.try_emplace(uid, measurement);
}

v1::Board& MeasureEngine::Edit(const std::string& board) {
  changed_boards_.insert(board);
  return boards_.find(board)->second;
}

v1::Measurement& MeasureEngine::Edit(int64_t uid) {
  changed_measurements_.insert(uid);
  return measurements_.find(uid)->second;
}

bool MeasureEngine::IsAlive(const v1::Board& board, absl::Time now) const {
  if (board.instance().empty()) return false;
  const auto seen = last_seen_.find(board.name());
  const absl::Time last = seen == last_seen_.end() ? loaded_ : seen->second;
  return last + options_.registration_ttl > now;
}

std::optional<int64_t> MeasureEngine::HeldBy(const std::string& board) const {
  if (leases_.LoadOf(board).held == 0) return std::nullopt;
  for (const auto& [uid, measurement] : measurements_) {
    if (measurement.state() == v1::MEASUREMENT_STATE_LEASED && measurement.board() == board) {
      return uid;
    }
  }
  return std::nullopt;
}

v1::Board MeasureEngine::Shown(const v1::Board& board, absl::Time now) const {
  v1::Board shown = board;
  shown.clear_instance();
  shown.clear_not_before();
  shown.clear_setbacks();
  shown.set_connected(IsAlive(board, now));
  const auto seen = last_seen_.find(board.name());
  if (seen != last_seen_.end()) *shown.mutable_last_seen_time() = ToTimestamp(seen->second);
  const std::optional<int64_t> held = HeldBy(board.name());
  if (held.has_value()) shown.set_measurement(MeasurementName(*held));
  shown.set_state(held.has_value()              ? v1::BOARD_STATE_RUNNING
                  : board.reserved_by().empty() ? v1::BOARD_STATE_IDLE
                                                : v1::BOARD_STATE_RESERVED);
  return shown;
}

void MeasureEngine::Judge(const std::string& board, v1::BoardHealth before) {
  const v1::Board& now = boards_.find(board)->second;
  if (now.health() != v1::BOARD_HEALTH_BAD || before == v1::BOARD_HEALTH_BAD) return;
  doubts_.emplace_back(board, now.canary().has_last_time() ? FromTimestamp(now.canary().last_time())
                                                           : absl::InfinitePast());
}

void MeasureEngine::Fail(int64_t uid, const std::string& board, v1::MeasurementFailure failure,
                         absl::Time now) {
  leases_.Release({uid});
  failure.set_board(board);
  *failure.mutable_time() = ToTimestamp(now);
  v1::Measurement& measurement = Edit(uid);
  const bool canary = measurement.spec().has_canary();
  if (boards_.count(board) > 0) {
    v1::Board& record = Edit(board);
    const v1::BoardHealth before = record.health();
    OnFailure(record, failure, canary, options_.health, now);
    Judge(board, before);
  }
  measurement.clear_board();
  const bool guilty = failure.failure_class() == kCandidate;
  if (measurement.failures_size() < static_cast<int>(kMaxFailures)) {
    *measurement.add_failures() = std::move(failure);
  }
  if (canary || guilty || measurement.failures_size() >= options_.max_attempts) {
    measurement.set_state(v1::MEASUREMENT_STATE_FAILED);
    *measurement.mutable_end_time() = ToTimestamp(now);
  } else {
    measurement.set_state(v1::MEASUREMENT_STATE_PENDING);
  }
}

void MeasureEngine::TakeBackAllOf(const std::string& board, const std::string& why,
                                  absl::Time now) {
  for (const auto& ended : leases_.TakeAllOf(board)) {
    v1::MeasurementFailure failure = LostFailure(ended.end);
    failure.set_message(absl::StrCat("lease: ", why));
    Fail(ended.lease.id.ref.uid, board, std::move(failure), now);
  }
}

void MeasureEngine::Expire(absl::Time now) {
  for (const auto& ended : leases_.TakeEnded(now)) {
    Fail(ended.lease.id.ref.uid, ended.lease.holder, LostFailure(ended.end), now);
  }
}

absl::Status MeasureEngine::CheckFree(const std::string& service, const std::string& instance,
                                      const std::string& board, absl::Time now) const {
  for (const auto& [name, other] : boards_) {
    if (other.instance() == instance || !IsAlive(other, now)) continue;
    const bool same_service = other.service() == service;
    if (!same_service && name != board) continue;
    const std::string what = same_service ? absl::StrCat("service '", service, "'") : name;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardTaken)
        .Field(same_service ? "service" : "board.name")
        .Value(same_service ? service : name)
        .Limit("a name of its own")
        .Message(
            absl::StrCat("another process is alive that drives boards as ", what,
                         same_service ? "" : absl::StrCat(" of service '", other.service(), "'"),
                         ": give this one another name, or end that one first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Board> MeasureEngine::Register(const std::string& service,
                                                  const std::string& instance,
                                                  const v1::BoardDescription& description,
                                                  absl::Time now) {
  NIWAKI_RETURN_IF_ERROR(CheckName("service", service));
  NIWAKI_RETURN_IF_ERROR(CheckName("instance", instance));
  NIWAKI_RETURN_IF_ERROR(CheckDescription(description));
  const std::string name = absl::StrCat("boards/", description.name());
  NIWAKI_RETURN_IF_ERROR(CheckFree(service, instance, name, now));
  const auto [it, is_new] = boards_.try_emplace(name);
  const bool new_process = it->second.instance() != instance;
  if (new_process && !is_new) TakeBackAllOf(name, "another process drives the board now", now);
  v1::Board& board = Edit(name);
  const v1::BoardDescription before = board.description();
  board.set_name(name);
  board.set_service(service);
  board.set_instance(instance);
  *board.mutable_description() = description;
  const bool same_firmware = before.firmware_digest() == description.firmware_digest() &&
                             before.engine_version() == description.engine_version() &&
                             before.compiler_digest() == description.compiler_digest();
  // What it said of itself.
  if (description.clock_hz() == 0 && same_firmware) {
    board.mutable_description()->set_clock_hz(before.clock_hz());
  }
  if (is_new) {
    SetHealth(board, v1::BOARD_HEALTH_UNKNOWN, "it is new", now);
  } else if (new_process || !same_firmware) {
    OnConnected(board,
                same_firmware ? "its service has started" : "its firmware or compiler is another",
                now);
  }
  last_seen_[name] = now;
  return Shown(board, now);
}

int64_t MeasureEngine::NewMeasurement(const v1::MeasurementSpec& spec, absl::Time now) {
  const int64_t uid = next_uid_++;
  v1::Measurement& measurement = measurements_[uid];
  measurement.set_name(MeasurementName(uid));
  *measurement.mutable_spec() = spec;
  measurement.set_state(v1::MEASUREMENT_STATE_PENDING);
  *measurement.mutable_create_time() = ToTimestamp(now);
  changed_measurements_.insert(uid);
  return uid;
}

bool MeasureEngine::OthersFit(const v1::Measurement& measurement, const std::string& board,
                              absl::Time now) const {
  return std::any_of(boards_.begin(), boards_.end(), [&](const auto& entry) {
    const v1::Board& other = entry.second;
    return entry.first != board && IsAlive(other, now) && MayRun(other, now) &&
           Fits(measurement.spec(), other) && !HasFailedOn(measurement, entry.first);
  });
}

std::optional<int64_t> MeasureEngine::NextWork(const v1::Board& board, absl::Time now) const {
  return NextFor(board, measurements_, [&](const v1::Measurement& measurement) {
    return !HasFailedOn(measurement, board.name()) || !OthersFit(measurement, board.name(), now);
  });
}

MeasurementGrant MeasureEngine::GrantOf(int64_t uid) const {
  const v1::Measurement& measurement = measurements_.find(uid)->second;
  return {MeasurementLeaseId{{uid}, measurement.epoch()}.ToString(), measurement.name(),
          measurement.spec()};
}

absl::StatusOr<LeaseAnswer> MeasureEngine::Lease(const std::string& name,
                                                 const std::string& instance, absl::Time now) {
  const auto found = boards_.find(name);
  if (found == boards_.end() || found->second.instance() != instance) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardUnregistered)
        .Field("board")
        .Value(name)
        .Message(absl::StrCat(name, " is not registered by this process"));
  }
  last_seen_[name] = now;
  const v1::Board& board = found->second;
  LeaseAnswer answer;
  answer.drain = board.draining();
  if (const std::optional<int64_t> held = HeldBy(name); held.has_value()) {
    // The answer that gave it was lost.
    leases_.Renew({{*held}, measurements_[*held].epoch()}, name, /*running=*/true, now);
    answer.grant = GrantOf(*held);
    return answer;
  }
  if (!MayRun(board, now)) return answer;
  std::optional<int64_t> next = NextWork(board, now);
  // Whoever has reserved it is not disturbed.
  if (!next.has_value() && !board.reserved_by().empty()) return answer;
  if (CanaryIsDue(board, options_.health, now)) {
    v1::MeasurementSpec spec;
    spec.set_board(name);
    spec.mutable_canary();
    next = NewMeasurement(spec, now);
  }
  if (!next.has_value()) return answer;
  v1::Measurement& measurement = Edit(*next);
  measurement.set_epoch(measurement.epoch() + 1);
  measurement.set_state(v1::MEASUREMENT_STATE_LEASED);
  measurement.set_board(name);
  const MeasurementLeaseId id{{*next}, measurement.epoch()};
  leases_.Acquire(id, name, now);
  leases_.Renew(id, name, /*running=*/true, now);
  answer.grant = GrantOf(*next);
  return answer;
}

Renewal MeasureEngine::Extend(const std::string& service, const std::string& instance,
                              const std::vector<std::string>& lease_ids, bool last,
                              absl::Time now) {
  Renewal renewal;
  for (auto& [name, board] : boards_) {
    if (board.service() != service || board.instance() != instance) continue;
    if (last) {
      TakeBackAllOf(name, "the board's service has ended", now);
      Edit(name).clear_instance();
      continue;
    }
    last_seen_[name] = now;
    renewal.boards.push_back(name);
  }
  for (const std::string& text : lease_ids) {
    const auto id = MeasurementLeaseId::Parse(text);
    const auto found = id.ok() ? measurements_.find(id->ref.uid) : measurements_.end();
    const bool own =
        found != measurements_.end() && std::find(renewal.boards.begin(), renewal.boards.end(),
                                                  found->second.board()) != renewal.boards.end();
    if (!own || !leases_.Renew(*id, found->second.board(), /*running=*/true, now)) {
      renewal.revoked.push_back(text);
    }
  }
  return renewal;
}

void MeasureEngine::Succeed(int64_t uid, const std::string& name, v1::MeasurementResult result,
                            absl::Time now) {
  leases_.Release({uid});
  v1::Measurement& measurement = Edit(uid);
  v1::Board& board = Edit(name);
  const v1::BoardHealth before = board.health();
  if (board.description().clock_hz() == 0) {
    board.mutable_description()->set_clock_hz(result.clock_hz());
  }
  if (measurement.spec().has_canary()) {
    OnCanary(board, result, options_.health, now);
  } else {
    OnMeasured(board, result);
  }
  Judge(name, before);
  measurement.set_state(v1::MEASUREMENT_STATE_SUCCEEDED);
  *measurement.mutable_end_time() = ToTimestamp(now);
  measurement.set_board(name);
  *measurement.mutable_result() = std::move(result);
}

ReportVerdict MeasureEngine::ReportLate(int64_t uid, const std::string& name,
                                        v1::MeasurementResult result, absl::Time now) {
  const v1::Measurement& known = measurements_.find(uid)->second;
  if (known.state() == v1::MEASUREMENT_STATE_SUCCEEDED && SameFigures(known.result(), result)) {
    return {v1::MEASUREMENT_VERDICT_DUPLICATE, ""};
  }
  const v1::Board& board = boards_.find(name)->second;
  if (known.spec().has_canary() || board.health() == v1::BOARD_HEALTH_BAD) {
    return Rejected(known.spec().has_canary() ? "the lease of the canary was lost"
                                              : "the board has turned out bad");
  }
  result.set_late(true);
  if (known.state() != v1::MEASUREMENT_STATE_SUCCEEDED) {
    Succeed(uid, name, std::move(result), now);
  } else if (known.late_results_size() < static_cast<int>(kMaxLateResults)) {
    *Edit(uid).add_late_results() = std::move(result);
  }
  return {v1::MEASUREMENT_VERDICT_LATE_RECORDED, ""};
}

ReportVerdict MeasureEngine::Report(const std::string& name, const std::string& lease_id,
                                    const v1::MeasurementResult& result,
                                    const v1::MeasurementFailure* failure, absl::Time now) {
  const auto id = MeasurementLeaseId::Parse(lease_id);
  const auto found = id.ok() ? measurements_.find(id->ref.uid) : measurements_.end();
  if (found == measurements_.end() || found->second.epoch() < id->epoch ||
      boards_.count(name) == 0) {
    return Rejected("there is no such lease of this board");
  }
  const int64_t uid = found->first;
  const bool held = leases_.Find(*id, name) != nullptr;
  if (failure != nullptr) {
    if (!held) return Rejected("the lease was lost");
    Fail(uid, name, *failure, now);
    return {};
  }
  const v1::BoardDescription& is = boards_.find(name)->second.description();
  absl::Status fits = CheckResult(result, is);
  if (fits.ok() && found->second.spec().has_operators()) {
    fits = CheckMeasured(found->second.spec().operators(), result);
  }
  if (!fits.ok()) {
    if (held) {
      v1::MeasurementFailure wrong;
      wrong.set_failure_class(absl::IsFailedPrecondition(fits) ? kConfiguration : kBoardFailure);
      wrong.set_code(static_cast<int>(fits.code()));
      wrong.set_reason(GetErrorDetail(fits).value_or(ErrorDetail{}).reason);
      wrong.set_message(absl::StrCat("report: ", fits.message()));
      Fail(uid, name, std::move(wrong), now);
    }
    return Rejected(fits.message());
  }
  v1::MeasurementResult stamped = result;
  stamped.set_board(name);
  *stamped.mutable_time() = ToTimestamp(now);
  stamped.set_late(false);
  stamped.set_doubtful(false);
  stamped.set_placement(is.placement());
  stamped.set_kernel_set(is.kernel_set());
  stamped.set_engine_version(is.engine_version());
  if (!held) return ReportLate(uid, name, std::move(stamped), now);
  Succeed(uid, name, std::move(stamped), now);
  return {};
}

absl::StatusOr<v1::Measurement> MeasureEngine::Create(const v1::MeasurementSpec& spec,
                                                      absl::Time now) {
  NIWAKI_RETURN_IF_ERROR(CheckSpec(spec));
  return *FindMeasurement(NewMeasurement(spec, now), now);
}

std::optional<v1::Board> MeasureEngine::FindBoard(const std::string& name, absl::Time now) const {
  const auto found = boards_.find(name);
  if (found == boards_.end()) return std::nullopt;
  return Shown(found->second, now);
}

std::vector<v1::Board> MeasureEngine::ListBoards(const std::string& after, int limit,
                                                 absl::Time now) const {
  std::vector<v1::Board> boards;
  for (auto it = boards_.upper_bound(after);
       it != boards_.end() && static_cast<int>(boards.size()) < limit; ++it) {
    boards.push_back(Shown(it->second, now));
  }
  return boards;
}

std::optional<v1::Measurement> MeasureEngine::FindMeasurement(int64_t uid, absl::Time now) const {
  const auto found = measurements_.find(uid);
  if (found == measurements_.end()) return std::nullopt;
  v1::Measurement shown = found->second;
  if (shown.state() != v1::MEASUREMENT_STATE_PENDING) return shown;
  const bool somebody = std::any_of(boards_.begin(), boards_.end(), [&](const auto& entry) {
    return IsAlive(entry.second, now) && Fits(shown.spec(), entry.second) &&
           entry.second.health() != v1::BOARD_HEALTH_BAD &&
           entry.second.health() != v1::BOARD_HEALTH_MAINTENANCE && !entry.second.draining();
  });
  if (!somebody) {
    shown.set_waiting(absl::StrCat("no board is connected and in order that is what is asked for: ",
                                   WantedText(shown.spec())));
  }
  return shown;
}

MeasureChanges MeasureEngine::TakeChanges() {
  MeasureChanges changes;
  for (const std::string& name : changed_boards_) changes.boards.push_back(boards_[name]);
  changed_boards_.clear();
  for (const int64_t uid : changed_measurements_) {
    const v1::Measurement& measurement = measurements_[uid];
    if (measurement.spec().has_canary() && HasEnded(measurement)) {
      changes.deleted.push_back(uid);
    } else {
      changes.measurements.emplace_back(uid, measurement);
    }
  }
  changed_measurements_.clear();
  for (auto it = measurements_.begin(); it != measurements_.end();) {
    it = HasEnded(it->second) ? measurements_.erase(it) : std::next(it);
  }
  changes.doubts = std::move(doubts_);
  doubts_.clear();
  return changes;
}

}  // namespace niwaki::measure
