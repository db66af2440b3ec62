// MeasureEngine: boards, measurements that wait or run, and what becomes of them. Pure: time is
// passed in, nothing is stored; what has to be is handed out as changes.
//
//   measurement: PENDING ──Lease──► LEASED ──Report: figures──────────────────► SUCCEEDED
//                   ▲                  │
//                   └── fails, expires ┴──► FAILED: the network's fault, or max_attempts
//
// The oracle's own canaries are measurements, too, which nobody asked for and nobody finds once
// they have ended; what they gave is in their board.

#ifndef NIWAKI_LIBS_MEASURE_MEASURE_ENGINE_H_
#define NIWAKI_LIBS_MEASURE_MEASURE_ENGINE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/lease/lease_table.h"
#include "libs/measure/board_health.h"
#include "libs/measure/measurement_ref.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

struct MeasureOptions {
  lease::LeaseOptions lease = {absl::Seconds(15), absl::Minutes(30)};
  // From a service's call until another may have its name and its boards.
  absl::Duration registration_ttl = absl::Seconds(15);
  HealthOptions health;
  // Failures of one measurement that are not its own fault.
  int max_attempts = 3;
};

struct MeasurementGrant {
  std::string lease_id;
  // "measurements/{number}".
  std::string measurement;
  v1::MeasurementSpec spec;
};

struct LeaseAnswer {
  std::optional<MeasurementGrant> grant;
  bool drain = false;
};

struct Renewal {
  std::vector<std::string> revoked;
  // Names of the boards that the process drives.
  std::vector<std::string> boards;
};

struct ReportVerdict {
  v1::MeasurementVerdict verdict = v1::MEASUREMENT_VERDICT_ACCEPTED;
  // Of a rejection.
  std::string reason;
};

// Rows that differ from what was stored.
struct MeasureChanges {
  std::vector<v1::Board> boards;
  std::vector<std::pair<int64_t, v1::Measurement>> measurements;
  // Canaries that have ended.
  std::vector<int64_t> deleted;
  // Boards that have turned out bad, by name, and since when what they gave is doubtful.
  std::vector<std::pair<std::string, absl::Time>> doubts;

  bool empty() const {
    return boards.empty() && measurements.empty() && deleted.empty() && doubts.empty();
  }
};

// Not thread-safe. Boards are named "boards/{board}" everywhere. Methods that return an error have
// changed nothing. Expire comes before every other call with a time.
class MeasureEngine {
 public:
  explicit MeasureEngine(const MeasureOptions& options)
      : options_(options), leases_(options.lease) {}

  // Once, first of all. What was stored: all boards, the measurements that have not ended, and the
  // number that the next one gets. Leases and registrations of before go on from `now`.
  void Load(const std::vector<v1::Board>& boards,
            const std::vector<std::pair<int64_t, v1::Measurement>>& measurements, int64_t next_uid,
            absl::Time now);

  // A measurement that has ended, for a Report that may be about it.
  void Adopt(int64_t uid, const v1::Measurement& measurement);

  // Takes back what ran out.
  void Expire(absl::Time now);

  // FailedPrecondition with reason BOARD_TAKEN while another process that is alive has the
  // service's name or the board; errors of CheckDescription and CheckName.
  absl::StatusOr<v1::Board> Register(const std::string& service, const std::string& instance,
                                     const v1::BoardDescription& description, absl::Time now);

  // What the board is to do next: what it holds already, its canary, the first of the queue.
  // FailedPrecondition with reason BOARD_UNREGISTERED for a process that does not drive it.
  absl::StatusOr<LeaseAnswer> Lease(const std::string& board, const std::string& instance,
                                    absl::Time now);

  // A heartbeat; the `last` one gives up all boards of the process.
  Renewal Extend(const std::string& service, const std::string& instance,
                 const std::vector<std::string>& lease_ids, bool last, absl::Time now);

  // What came of a lease. `failure` is not null where there is no result.
  ReportVerdict Report(const std::string& board, const std::string& lease_id,
                       const v1::MeasurementResult& result, const v1::MeasurementFailure* failure,
                       absl::Time now);

  // NotFound with reason BOARD_UNKNOWN, FailedPrecondition with reason BOARD_BUSY for a board that
  // somebody else has reserved; errors of CheckName and CheckRange.
  absl::StatusOr<v1::Board> Change(const v1::ChangeBoardRequest& request, absl::Time now);

  // Errors of CheckSpec.
  absl::StatusOr<v1::Measurement> Create(const v1::MeasurementSpec& spec, absl::Time now);

  // As people see it. nullopt for one that is not known.
  std::optional<v1::Board> FindBoard(const std::string& name, absl::Time now) const;
  // By name, those behind `after`, at most `limit`.
  std::vector<v1::Board> ListBoards(const std::string& after, int limit, absl::Time now) const;
  // One that has not ended; nullopt for others.
  std::optional<v1::Measurement> FindMeasurement(int64_t uid, absl::Time now) const;

  // What has changed since the last time. Measurements that have ended are forgotten here.
  MeasureChanges TakeChanges();

 private:
  using Leases = lease::LeaseTable<MeasurementRef>;

  bool IsAlive(const v1::Board& board, absl::Time now) const;
  absl::Status CheckFree(const std::string& service, const std::string& instance,
                         const std::string& board, absl::Time now) const;
  v1::Board Shown(const v1::Board& board, absl::Time now) const;
  v1::Board& Edit(const std::string& board);
  v1::Measurement& Edit(int64_t uid);
  // What the board holds.
  std::optional<int64_t> HeldBy(const std::string& board) const;
  MeasurementGrant GrantOf(int64_t uid) const;
  int64_t NewMeasurement(const v1::MeasurementSpec& spec, absl::Time now);
  std::optional<int64_t> NextWork(const v1::Board& board, absl::Time now) const;
  bool OthersFit(const v1::Measurement& measurement, const std::string& board,
                 absl::Time now) const;
  // Ends the lease of `uid`, which `board` had, with a failure.
  void Fail(int64_t uid, const std::string& board, v1::MeasurementFailure failure, absl::Time now);
  void TakeBackAllOf(const std::string& board, const std::string& why, absl::Time now);
  void Succeed(int64_t uid, const std::string& board, v1::MeasurementResult result, absl::Time now);
  ReportVerdict ReportLate(int64_t uid, const std::string& board, v1::MeasurementResult result,
                           absl::Time now);
  // Doubts about what a board gave that is bad now and was not.
  void Judge(const std::string& board, v1::BoardHealth before);

  const MeasureOptions options_;
  Leases leases_;
  std::map<std::string, v1::Board> boards_;
  std::map<int64_t, v1::Measurement> measurements_;
  int64_t next_uid_ = 1;
  // By board: its service's last call, in the life of this object.
  std::map<std::string, absl::Time> last_seen_;
  absl::Time loaded_ = absl::InfinitePast();
  std::set<std::string> changed_boards_;
  std::set<int64_t> changed_measurements_;
  std::vector<int64_t> deleted_;
  std::vector<std::pair<std::string, absl::Time>> doubts_;
};

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_MEASURE_ENGINE_H_
