// JobEngine: the state machine of all live jobs. Commands change memory and collect the changed
// rows; nothing is done about the world. Whoever drives it (EngineLoop, a simulation) commits the
// rows and only then lets answers out.
//
//   auto leases = engine.Lease("worker-1", "cpu-f32", 8, now);
//   Mutations mutations = engine.TakeMutations(now);
//   store.Commit(mutations, epoch);   // on an error: throw the engine away, Load a new one
//   // now the leases may be sent, and engine.TakeEvents() told
//
// In memory: jobs that have not ended, their candidates without an outcome, their fronts.
// Everything else is read back through the JobReader, which holds what was committed.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_H_
#define NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/candidate_ref.h"
#include "libs/jobs/engine/attendance.h"
#include "libs/jobs/engine/failure_causes.h"
#include "libs/jobs/engine/job_front.h"
#include "libs/jobs/engine/worker_registry.h"
#include "libs/jobs/job.h"
#include "libs/jobs/job_events.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/proof_plan.h"
#include "libs/jobs/score.h"
#include "libs/jobs/store/job_store.h"
#include "libs/jobs/store/mutations.h"
#include "libs/jobs/store/pending_overlay.h"
#include "libs/lease/lease_table.h"

namespace niwaki::jobs {

struct EngineOptions {
  absl::Duration lease_ttl = absl::Seconds(15);
  // The hard end of a lease (libs/lease): a candidate that a worker has been scoring for this long
  // is taken back, which counts as vanishing from it, and what waits behind it as well, which does
  // not. A late score is still used.
  absl::Duration max_lease = absl::Minutes(15);
  // A candidate that this many different workers failed on, or vanished from or hung on while
  // scoring it, is FAILED.
  int max_strikes = 2;
  // So is one that failed this often, by whichever worker. One whose request is refused
  // (failure_causes.h) is tried on one other worker where there is one, and else FAILED at once.
  int max_failures = 6;
  // Jobs that have not ended, at most.
  int64_t max_live_jobs = 1000;
  // Of the quantiser that proofs are made with: workers that have another one prove nothing.
  int64_t quantiser_version = 1;
  // A member whose measurement went wrong this often, for reasons that are not its own, is proven
  // without a board.
  int64_t max_measurements = 3;
};

// What a lease asks for. The numbers are those of the wire.
enum class LeaseTask { kScore = 1, kProve = 2 };

// A candidate handed to a worker.
struct LeaseGrant {
  LeaseId id;
  std::string job_id;
  std::string subnet_json;
  std::string supernet_digest;
  Evaluation evaluation;
  LeaseTask task = LeaseTask::kScore;
  // Of kProve: which quantiser is meant.
  int64_t quantiser_version = 0;
};

// A slot's proposal.
struct Proposal {
  int64_t slot = 0;
  // Nothing within the limits was found; `reason` says so and the rest is empty.
  bool infeasible = false;
  std::string reason;
  std::string subnet_json;
  arch::SubnetId subnet_id;
  cost::Cost cost;
  // Proposals for this slot that were refused for their cost.
  int64_t rejected = 0;
};

// A lease that a worker says it holds.
struct LeaseClaim {
  std::string lease_id;
  int64_t epoch = 0;
  bool running = false;
};

// What a worker says about one lease: a score, an int8 network, or why there is none.
struct Report {
  std::string lease_id;
  int64_t epoch = 0;
  std::optional<Score> score;
  std::string failure;
  // Of the failure; unknown from workers that do not say.
  absl::StatusCode failure_code = absl::StatusCode::kUnknown;
  // Of a lease to prove. Its artifact is there.
  std::optional<Int8Network> network;
  // Not to be used, whatever else it says: reason of the rejection.
  std::string rejection;
};

// What became of a measurement.
struct MeasurementOutcome {
  std::optional<BoardFigures> figures;
  // Where there are none: why, and whether the network itself is to blame.
  std::string failure;
  bool fault_of_network = false;
  // No board is to be tried any more.
  bool give_up = false;
};

// The numbers are those of the wire.
enum class Verdict {
  kAccepted = 1,
  kDuplicate = 2,
  kConflict = 3,
  kLateRecorded = 4,
  kRejected = 5
};

struct ReportVerdict {
  Verdict verdict = Verdict::kAccepted;
  // Reason of a rejection (libs/base/reason.h).
  std::string reason;
};

// What a command is about to look up, for reading it together with what others will. A hint: what
// is left out is read when it is needed.
struct ExpectedReads {
  std::vector<std::string> request_ids;
  // Of leases that are reported on.
  std::vector<std::string> lease_ids;
  // Networks proposed to a live job.
  struct Proposed {
    int64_t job_uid = 0;
    arch::SubnetId subnet;
  };
  std::vector<Proposed> proposed;
};

// Not thread-safe. `reader` outlives the engine. Errors of the reader are passed on and leave the
// engine as it was, except where a call says otherwise.
class JobEngine {
 public:
  // The engine of the state that `store` holds. Leases that were live get a full ttl from `now`.
  static absl::StatusOr<std::unique_ptr<JobEngine>> Load(const JobStore& store,
                                                         const EngineOptions& options,
                                                         absl::Time now);

  // Takes a new job in. `job` has id, spec (valid, defaults filled in), space and supernet digest;
  // the rest is set here. AlreadyExists for a taken id; ResourceExhausted QUEUE_FULL beyond
  // max_live_jobs.
  absl::StatusOr<Job> CreateJob(Job job, absl::Time now);

  // Each gives the job afterwards; a job that is already so is fine. NotFound JOB_UNKNOWN;
  // FailedPrecondition JOB_NOT_RUNNING for a job that ended otherwise.
  absl::StatusOr<Job> PauseJob(absl::string_view job_id, absl::Time now);
  absl::StatusOr<Job> ResumeJob(absl::string_view job_id, absl::Time now);
  absl::StatusOr<Job> CancelJob(absl::string_view job_id, absl::Time now);

  // Begins the job that scores the front of an ended job on the test split (tested_front.h) and
  // gives it; one that has not ended, or has all its scores, is given as it is, one that ended
  // otherwise makes room for a new one. A job that asks for it (JobSpec::test_front) begins it
  // itself, in the commit in which it succeeds. InvalidArgument for a job that tests; NotFound;
  // FailedPrecondition JOB_NOT_RUNNING for one that has not ended or has nothing on its front;
  // ResourceExhausted QUEUE_FULL.
  absl::StatusOr<Job> TestFront(absl::string_view job_id, absl::Time now);

  // Removes an ended job and the job that tests it. NotFound; FailedPrecondition JOB_NOT_RUNNING
  // for one that has not ended; Aborted ETAG_MISMATCH unless `etag` is empty or the job's.
  absl::Status DeleteJob(absl::string_view job_id, absl::string_view etag);

  // The job as of now, uncommitted changes included.
  absl::StatusOr<Job> GetJob(absl::string_view job_id) const;

  // Slots on the front of a live job, best first; nullopt when the job is not live.
  std::optional<std::vector<int64_t>> FrontSlots(int64_t job_uid) const;

  // Adds slots in order: those below the job's `proposed` are there already and skipped, none is
  // left out. A proposal whose score is known is SCORED at once. FailedPrecondition JOB_NOT_RUNNING
  // when the job has ended or is unknown.
  absl::Status AddCandidates(int64_t job_uid, const std::vector<Proposal>& proposals,
                             absl::Time now);

  // Why a live job stands still; "" when it does not.
  void SetStateReason(int64_t job_uid, absl::string_view state_reason);

  // Ends a live job as FAILED.
  void FailJob(int64_t job_uid, absl::string_view state_reason, absl::Time now);

  // To be called before Lease and Extend: `instance` (a process; "" does not say) calls under the
  // name `worker`. A new process takes the name over: what the one before it held is taken back.
  // FailedPrecondition WORKER_SUPERSEDED for one that lost the name to another.
  absl::Status Meet(absl::string_view worker, absl::string_view instance, absl::Time now);

  // The worker's last call: what it holds is taken back and counts against nobody. `trouble` is why
  // it ends, "" where it was asked to.
  absl::Status Leave(absl::string_view worker, absl::string_view trouble, absl::Time now);

  // Up to `max` candidates of one scoring, of jobs that want the `precision` that the worker
  // computes in; jobs take turns. One network to prove goes before all candidates to score. Empty
  // when nothing waits, and for a worker that is drained. One that does not know of splits gets
  // candidates for the validation split only.
  absl::StatusOr<std::vector<LeaseGrant>> Lease(absl::string_view worker,
                                                absl::string_view precision, int64_t max,
                                                absl::Time now,
                                                const WorkerAbilities& abilities = {});

  // Those of `grants` whose lease still lives, renewed.
  std::vector<LeaseGrant> LiveLeases(absl::string_view worker,
                                     const std::vector<std::string>& lease_ids, absl::Time now);

  // Renews leases; gives the ids of those that are lost.
  std::vector<std::string> Extend(absl::string_view worker, const std::vector<LeaseClaim>& claims,
                                  absl::Time now);

  // One verdict for each report, in order. After an error some reports may have taken effect;
  // repeating is safe.
  absl::StatusOr<std::vector<ReportVerdict>> ReportScores(absl::string_view worker,
                                                          const std::vector<Report>& reports,
                                                          absl::Time now);

  // Returns the candidates of leases that ended by `now`, and notes which workers are gone.
  absl::Status ExpireLeases(absl::Time now);

  // Asks for a drain of a worker or takes it back; the worker afterwards. It keeps what it holds
  // and is given nothing more, nor is whoever comes under its name, until it is taken back.
  // NotFound WORKER_UNKNOWN for a name that is not in WorkerNames().
  absl::StatusOr<WorkerInfo> DrainWorker(absl::string_view worker, bool drain, absl::Time now);
  bool IsDraining(absl::string_view worker) const { return leases_.IsDraining(worker); }
  // Up to `limit` of the known workers by name, after `after` ("" for the first).
  std::vector<WorkerInfo> ListWorkers(absl::string_view after, size_t limit, absl::Time now) const;
  std::vector<std::string> WorkerNames() const { return workers_.Names(); }

  // Whether Lease may find something for a worker that computes in `precision`.
  bool has_work(absl::string_view precision, const WorkerAbilities& abilities = {}) const;

  // Of proofs; each is ignored where it does not fit (any more), so repeating is safe.
  //
  // Does what the plan says, if it is the next of the job (PlanProofs).
  absl::Status AdvanceProof(int64_t job_uid, ProofPlan plan, absl::Time now);
  // What boards are chosen by (Job::proof_board), once for each job.
  void SetProofBoard(int64_t job_uid, absl::string_view board);
  // The `number`-th measurement of a QUANTISED member, from 1, was asked for.
  void BeginMeasurement(const CandidateRef& ref, int64_t number, absl::string_view measurement);
  // It has ended, or could not be asked for.
  void EndMeasurement(const CandidateRef& ref, int64_t number, const MeasurementOutcome& outcome);

  // Says in the state_reason of each job that waits for a worker, while none of its precision is
  // there (Attendance), that it is so, and what to do; takes it back once one is. A job that was
  // there before the engine gives its workers a minute to come back. CreateJob and whatever changes
  // who is there do this, too; to be called now and then.
  void NoteAbsentWorkers(absl::Time now);

  // The answer given to a request before; nullopt for a new one. InvalidArgument REQUEST_ID_REUSED
  // when the id was used for something else. "" is never remembered.
  absl::StatusOr<std::optional<std::string>> FindAnswer(const RequestRecord& request) const;
  void RecordAnswer(RequestRecord record);
  void ForgetRequestsBefore(absl::Time time) { rows_.pending().forget_requests_before = time; }

  // Registers; the same name with the same content is fine and gives the first. AlreadyExists for
  // other content.
  absl::StatusOr<Supernet> PutSupernet(Supernet supernet, absl::Time now);

  // Reads ahead what the commands will ask for, in one read of each kind. Good until TakeMutations.
  void Prefetch(absl::Span<const ExpectedReads* const> reads);

  // The rows changed since the last call.
  Mutations TakeMutations(absl::Time now);
  // What happened since the last call, in order; to be told once the rows are committed.
  JobEvents TakeEvents();

  const EngineOptions& options() const { return options_; }
  // Uids of the live jobs, and one of them.
  std::vector<int64_t> LiveJobs() const;
  const Job& JobOf(int64_t live_uid) const { return live_.at(live_uid).job; }

 private:
  struct LiveJob {
    explicit LiveJob(Job j)
        : job(std::move(j)),
          scoring(job.scoring()),
          front(std::make_unique<JobFront>(job.spec.objectives)) {}
    const std::string& precision() const { return job.spec.evaluation.precision; }

    Job job;
    ScoringId scoring;
    // Another one after each verdict.
    std::unique_ptr<JobFront> front;
    // Candidates without an outcome.
    std::map<int64_t, Candidate> open;
    // Those that may be leased: PENDING, and nobody else is scoring the same key.
    std::set<int64_t> ready;
    // Scored candidates that were chosen to be proven.
    std::map<int64_t, Candidate> proofs;
    // Of its FAILED candidates.
    FailureCauses failures;
    // It was there before this engine.
    bool loaded = false;
    // Since when, and from how many outcomes, the pace is counted.
    absl::Time pace_start;
    int64_t pace_outcomes = 0;
  };

  JobEngine(const JobReader& reader, EngineOptions options, absl::Time now)
      : rows_(reader),
        options_(options),
        leases_({options.lease_ttl, options.max_lease}),
        attendance_(now) {}

  absl::Status LoadLive(const JobStore& store, absl::Time now);
  void LoadDrains(const std::vector<DrainedWorker>& drained);
  // Its front and the causes of its failures.
  absl::Status LoadOutcomes(const JobStore& store, LiveJob& live, absl::Time now);
  LiveJob* FindLive(absl::string_view job_id);
  const LiveJob* FindLive(absl::string_view job_id) const;
  LiveJob* FindLive(int64_t job_uid);
  absl::StatusOr<Job> NotLive(absl::string_view job_id, std::optional<JobState> fine) const;
  // ResourceExhausted QUEUE_FULL when as many jobs are live as may be.
  absl::Status CheckRoom() const;
  // Takes a job in that may be.
  LiveJob& Admit(Job job, absl::Time now);
  // The ended job that tests `job`; nullopt when there is none. FailedPrecondition JOB_NOT_RUNNING
  // while it runs.
  absl::StatusOr<std::optional<Job>> EndedTestOf(const Job& job) const;

  static JobName NameOf(const Job& job) { return {job.uid, job.id}; }
  static CandidateName NameOf(const LiveJob& live, int64_t slot) {
    return {NameOf(live.job), slot};
  }
  void Happened(JobEvent event) { events_.push_back(std::move(event)); }

  // Job states.
  void SetState(LiveJob& live, JobState state, absl::string_view state_reason, absl::Time now);
  void End(LiveJob& live, JobState state, absl::string_view state_reason, absl::Time now);
  void EndIfComplete(LiveJob& live, absl::Time now);
  // Ends it, and begins the job that tests its front.
  void Succeed(LiveJob& live, absl::Time now);
  void Touch(LiveJob& live);

  // Candidate states. Each keeps counters, ready sets, keys and mutations in step.
  absl::Status AddCandidate(LiveJob& live, const Proposal& proposal);
  void MakeLeased(LiveJob& live, Candidate& candidate, absl::string_view worker, absl::Time now);
  void MakePending(LiveJob& live, Candidate& candidate);
  void MakeScored(LiveJob& live, Candidate& candidate, const Score& score, bool cached);
  void MakeFailed(LiveJob& live, Candidate& candidate, absl::string_view state_reason);
  void Put(const LiveJob& live, const Candidate& candidate);
  void Close(LiveJob& live, int64_t slot);
  void SetCandidateState(LiveJob& live, Candidate& candidate, CandidateState state);

  // Candidates that share a score key.
  ScoreKey KeyOf(const LiveJob& live, const Candidate& candidate) const;
  void LinkKey(LiveJob& live, const Candidate& candidate);
  void UnlinkKey(LiveJob& live, const Candidate& candidate);
  bool IsBeingScored(const LiveJob& live, const Candidate& candidate);
  void WakeSameKey(const ScoreKey& key);
  // Completes every PENDING candidate of `key`; `own` is the one that the report was about.
  void ApplyScore(const ScoreKey& key, const Score& score, const CandidateRef& own, absl::Time now);

  // Leasing.
  struct LeaseCall {
    absl::string_view worker;
    absl::string_view precision;
    int64_t max = 0;
    absl::Time now;
    WorkerAbilities abilities;
    // That of the grants, once there is one.
    std::optional<ScoringId> scoring;
    std::vector<LeaseGrant> grants;
  };
  Candidate* PickReady(LiveJob& live, absl::string_view worker, bool struck);
  // Grants one candidate of each job in turn; whether there was any.
  bool LeaseRound(LeaseCall& call, bool struck);
  LeaseGrant GrantOf(const LiveJob& live, const Candidate& candidate) const;
  // Of the worker's call: what the registry is to know.
  void NoteCall(absl::string_view worker, absl::string_view precision, absl::Time now,
                WorkerCall call = WorkerCall::kOther);
  // Who stays has changed.
  void NoteChangeOfWorkers(absl::string_view worker, absl::Time now);
  // Why a job of `precision` has no worker; "" where it has.
  std::string AbsenceOf(absl::string_view precision, absl::Time now) const;
  // Why its proofs have none.
  std::string ProverAbsenceOf(const LiveJob& live, absl::Time now) const;
  // A worker asks for candidates.
  void NoteAsked(absl::string_view precision, const WorkerAbilities& abilities, absl::Time now);
  WorkerRegistry::LoadOf LoadOf() const;
  void PrefetchScoresOf(const std::vector<lease::EndedLease<CandidateRef>>& ended);
  absl::Status TakeBack(const lease::EndedLease<CandidateRef>& ended, absl::Time now);
  absl::Status ReturnCandidate(LiveJob& live, Candidate& candidate, absl::Time now);
  absl::Status Strike(LiveJob& live, Candidate& candidate, absl::string_view worker,
                      const absl::Status& failure, absl::Time now);
  // Why no other worker is to try the candidate that just failed; "" when one is.
  std::string GivenUpFor(const LiveJob& live, const std::vector<std::string>& strikes,
                         const absl::Status& failure, absl::Time now) const;

  // Reports.
  struct Reported {
    // The job has not ended.
    bool live = false;
    Job job;
    Candidate candidate;
    // The lease is live, of this epoch, and the reporter's.
    bool current = false;
  };
  absl::StatusOr<std::optional<Reported>> FindReported(absl::string_view worker,
                                                       const LeaseId& id) const;
  absl::StatusOr<ReportVerdict> ReportOne(absl::string_view worker, const Report& report,
                                          absl::Time now);
  absl::StatusOr<ReportVerdict> ReportScore(const LeaseId& id, const Reported& reported,
                                            const Score& score, absl::Time now);
  // Proofs.
  bool WantsProof(const LiveJob& live, absl::Time now) const;
  void LoadProof(LiveJob& live, const Candidate& candidate, absl::Time now);
  NetworkKey NetworkKeyOf(const LiveJob& live, const Candidate& candidate) const;
  void SetProofState(LiveJob& live, Candidate& candidate, ProofState state);
  void BeginProof(LiveJob& live, Candidate candidate, int64_t round,
                  const std::optional<Int8Network>& known);
  void MakeQuantised(LiveJob& live, Candidate& candidate, const Int8Network& network, bool cached);
  void MakeProven(LiveJob& live, Candidate& candidate);
  void MakeProofFailed(LiveJob& live, Candidate& candidate, absl::string_view why);
  // Grants one network to prove; whether there was any.
  bool LeaseProof(LeaseCall& call);
  Candidate* PickProof(LiveJob& live, absl::string_view worker, bool struck);
  absl::Status ReturnProof(LiveJob& live, Candidate& candidate);
  absl::Status StrikeProof(LiveJob& live, Candidate& candidate, absl::string_view worker,
                           const absl::Status& failure, absl::Time now);
  absl::StatusOr<ReportVerdict> ReportNetwork(absl::string_view worker, const LeaseId& id,
                                              const Reported& reported, const Int8Network& network,
                                              absl::Time now);
  // Completes every PENDING proof of `key`.
  void ApplyNetwork(const NetworkKey& key, const Int8Network& network);
  Candidate* FindProof(const CandidateRef& ref);
  // Whether a live lease of the candidate is one to prove it.
  bool IsProofLease(const CandidateRef& ref) const;

  ReportVerdict Conflict(const LeaseId& id, const Reported& reported, const Score& known,
                         const Score& score);

  // Everything that is not in memory is looked up here, and only here.
  PendingOverlay rows_;
  const EngineOptions options_;
  int64_t next_job_uid_ = 1;
  std::map<int64_t, LiveJob> live_;
  absl::flat_hash_map<std::string, int64_t> uid_of_id_;
  // Open candidates of each key; more than one where jobs want the same score.
  absl::flat_hash_map<ScoreKey, std::vector<CandidateRef>> same_key_;
  lease::LeaseTable<CandidateRef> leases_;
  Attendance attendance_;
  WorkerRegistry workers_;
  // Uid of the job that had the last turn.
  int64_t turn_ = 0;
  // Live jobs that changed since the last TakeMutations.
  std::set<int64_t> dirty_;
  JobEvents events_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_H_
