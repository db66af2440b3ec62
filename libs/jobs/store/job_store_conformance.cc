#include "libs/jobs/store/job_store_conformance.h"

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/store/sample_proofs.h"

namespace niwaki::jobs {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Job SampleJob(int64_t uid, const std::string& id, JobState state) {
  Job job;
  job.uid = uid;
  job.id = id;
  job.spec.supernet = "kws";
  job.spec.device = "fake";
  job.spec.evaluation.data_digest = std::string(64, 'd');
  job.space_text = "name: \"kws\"\n";
  job.supernet_digest = std::string(64, 's');
  job.state = state;
  job.state_reason = "because";
  job.counters = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, {11, 12, 13, 14, 15, 16, 17}};
  job.extra_slots = 18;
  job.proof_round = 19;
  job.proof_board = "core/cortex-m7";
  job.prover_seen = true;
  job.create_time = absl::FromUnixMicros(1234567890123456);
  if (IsFinal(state)) job.end_time = job.create_time + absl::Seconds(5);
  job.version = 42;
  return job;
}

Candidate SampleCandidate(int64_t slot, CandidateState state) {
  Candidate candidate;
  candidate.slot = slot;
  candidate.state = state;
  candidate.state_reason = "why";
  candidate.subnet_json = "{\"ks\":[3]}";
  candidate.subnet_id = {0x8000000000000001u + slot, 0xFEDCBA9876543210u};
  candidate.cost = {1,
                    2,
                    3,
                    4,
                    cost::Figure::Of(5.5, 5, 6, cost::Provenance::kMeasured),
                    cost::Figure::Of(7.5, 7, 8, cost::Provenance::kPredicted),
                    "streamed_75"};
  if (state == CandidateState::kScored) candidate.score = Score{0.1, 0.2, 1.0 / 3, 10, 0.5};
  candidate.epoch = 3;
  candidate.worker = "w-1";
  candidate.strikes = {"w-1", "w-2"};
  candidate.cached = true;
  return candidate;
}

namespace {

void ExpectEqual(const Int8Network& a, const Int8Network& b) {
  EXPECT_TRUE(SameNetwork(a, b));
  EXPECT_EQ(a.quantiser_version, b.quantiser_version);
  EXPECT_EQ(a.score.seconds, b.score.seconds);
}

void ExpectEqual(const Proof& a, const Proof& b) {
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.round, b.round);
  ASSERT_EQ(a.network.has_value(), b.network.has_value());
  if (a.network.has_value()) ExpectEqual(*a.network, *b.network);
  EXPECT_EQ(a.cached, b.cached);
  EXPECT_EQ(a.strikes, b.strikes);
  EXPECT_EQ(a.measurement, b.measurement);
  EXPECT_EQ(a.measurements, b.measurements);
  ASSERT_EQ(a.figures.has_value(), b.figures.has_value());
  if (!a.figures.has_value()) return;
  EXPECT_EQ(BoardFiguresToJson(*a.figures), BoardFiguresToJson(*b.figures));
}

void ExpectEqual(const Job& a, const Job& b) {
  EXPECT_EQ(a.uid, b.uid);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(JobSpecToJson(a.spec), JobSpecToJson(b.spec));
  EXPECT_EQ(a.space_text, b.space_text);
  EXPECT_EQ(a.supernet_digest, b.supernet_digest);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.state_reason, b.state_reason);
  EXPECT_EQ(a.counters, b.counters);
  EXPECT_EQ(a.create_time, b.create_time);
  EXPECT_EQ(a.end_time, b.end_time);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.extra_slots, b.extra_slots);
  EXPECT_EQ(a.proof_round, b.proof_round);
  EXPECT_EQ(a.proof_board, b.proof_board);
  EXPECT_EQ(a.prover_seen, b.prover_seen);
}

void ExpectEqual(const Candidate& a, const Candidate& b) {
  EXPECT_EQ(a.slot, b.slot);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.state_reason, b.state_reason);
  EXPECT_EQ(a.subnet_json, b.subnet_json);
  EXPECT_EQ(a.subnet_id, b.subnet_id);
  EXPECT_EQ(a.cost, b.cost);
  ASSERT_EQ(a.score.has_value(), b.score.has_value());
  if (a.score.has_value()) {
    EXPECT_TRUE(SameScore(*a.score, *b.score, ScoreTolerance()));
    EXPECT_EQ(a.score->seconds, b.score->seconds);
  }
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.worker, b.worker);
  EXPECT_EQ(a.strikes, b.strikes);
  EXPECT_EQ(a.cached, b.cached);
  ASSERT_EQ(a.proof.has_value(), b.proof.has_value());
  if (a.proof.has_value()) ExpectEqual(*a.proof, *b.proof);
}

TEST_P(JobStoreConformance, EmptyStoreHasNothing) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LiveState state, store().Load());
  EXPECT_EQ(state.next_job_uid, 1);
  EXPECT_THAT(state.jobs, IsEmpty());
  EXPECT_THAT(state.open_candidates, IsEmpty());
  EXPECT_FALSE(store().FindJob("a")->has_value());
}

TEST_P(JobStoreConformance, JobReadsBack) {
  const Job job = SampleJob(7, "a", JobState::kSucceeded);
  Mutations mutations;
  mutations.jobs.emplace(7, job);
  NIWAKI_ASSERT_OK(Commit(mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto by_id, store().FindJob("a"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto by_uid, store().FindJobByUid(7));

  ASSERT_TRUE(by_id.has_value());
  ASSERT_TRUE(by_uid.has_value());
  ExpectEqual(*by_id, job);
  ExpectEqual(*by_uid, job);
  EXPECT_FALSE(store().FindJob("b")->has_value());
}

TEST_P(JobStoreConformance, LaterRowReplacesTheEarlier) {
  Mutations first;
  first.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  first.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kLeased));
  NIWAKI_ASSERT_OK(Commit(first));
  Job job = SampleJob(1, "a", JobState::kCancelled);
  job.counters.scored = 99;
  job.version = 43;
  Mutations second;
  second.jobs.emplace(1, job);
  second.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kScored));
  NIWAKI_ASSERT_OK(Commit(second));

  ExpectEqual(**store().FindJob("a"), job);
  ExpectEqual(**store().FindCandidate({1, 0}), SampleCandidate(0, CandidateState::kScored));
}

TEST_P(JobStoreConformance, LoadGivesLiveJobsAndOpenCandidates) {
  Mutations mutations;
  mutations.next_job_uid = 9;
  mutations.jobs.emplace(1, SampleJob(1, "queued", JobState::kQueued));
  mutations.jobs.emplace(2, SampleJob(2, "ended", JobState::kCancelled));
  mutations.jobs.emplace(3, SampleJob(3, "paused", JobState::kPaused));
  for (int64_t uid = 1; uid <= 3; ++uid) {
    for (int slot = 0; slot < 5; ++slot) {
      const auto state = static_cast<CandidateState>(slot + 1);
      mutations.candidates.emplace(CandidateRef{uid, slot}, SampleCandidate(slot, state));
    }
  }
  NIWAKI_ASSERT_OK(Commit(mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const LiveState state, store().Load());

  EXPECT_EQ(state.next_job_uid, 9);
  ASSERT_THAT(state.jobs, SizeIs(2));
  EXPECT_EQ(state.jobs[0].id, "queued");
  EXPECT_EQ(state.jobs[1].id, "paused");
  std::vector<std::pair<int64_t, int64_t>> open;
  for (const auto& [ref, candidate] : state.open_candidates) {
    open.emplace_back(ref.job_uid, ref.slot);
  }
  EXPECT_THAT(open,
              ElementsAre(std::pair<int64_t, int64_t>(1, 0), std::pair<int64_t, int64_t>(1, 1),
                          std::pair<int64_t, int64_t>(3, 0), std::pair<int64_t, int64_t>(3, 1)));
  ExpectEqual(state.open_candidates[1].second, SampleCandidate(1, CandidateState::kLeased));
}

TEST_P(JobStoreConformance, ProofsReadBackWithTheirCandidates) {
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.jobs.emplace(2, SampleJob(2, "b", JobState::kRunning));
  Candidate proven = SampleCandidate(3, CandidateState::kScored);
  proven.proof = SampleProof(ProofState::kProven);
  Candidate pending = SampleCandidate(1, CandidateState::kScored);
  pending.proof = Proof();
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kScored));
  mutations.candidates.emplace(CandidateRef{1, 1}, pending);
  mutations.candidates.emplace(CandidateRef{1, 3}, proven);
  mutations.candidates.emplace(CandidateRef{2, 3}, proven);
  NIWAKI_ASSERT_OK(Commit(mutations));

  ExpectEqual(**store().FindCandidate({1, 3}), proven);
  ExpectEqual(**store().FindCandidate({1, 1}), pending);
  EXPECT_FALSE((*store().FindCandidate({1, 0}))->proof.has_value());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<Candidate> proofs, store().ListProofs(1));
  ASSERT_THAT(proofs, SizeIs(2));
  ExpectEqual(proofs[0], pending);
  ExpectEqual(proofs[1], proven);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows,
                              store().ListCandidates(1, 0, CandidateState::kScored, 10));
  ASSERT_THAT(rows, SizeIs(3));
  ExpectEqual(rows[2], proven);

  // It changes with its row, and goes with its job.
  proven.proof->state = ProofState::kRefused;
  Mutations later;
  later.candidates.emplace(CandidateRef{1, 3}, proven);
  later.deleted_jobs.insert(2);
  NIWAKI_ASSERT_OK(Commit(later));
  EXPECT_TRUE((*store().FindCandidate({1, 3}))->refused());
  EXPECT_THAT(*store().ListProofs(2), IsEmpty());
}

TEST_P(JobStoreConformance, FirstNetworkStands) {
  const NetworkKey key = {{{1, 2}, {3, 4}}, 3};
  NetworkKey other = key;
  other.score.subnet = {3, 5};
  Int8Network later = SampleNetwork();
  later.digest = std::string(64, 'e');
  later.test_score.reset();
  Mutations first;
  first.networks.emplace(key, SampleNetwork());
  Mutations second;
  second.networks.emplace(key, later);
  second.networks.emplace(other, later);
  NIWAKI_ASSERT_OK(Commit(first));
  NIWAKI_ASSERT_OK(Commit(second));

  ExpectEqual(**store().FindNetwork(key), SampleNetwork());
  ExpectEqual(**store().FindNetwork(other), later);
  // The first that was made from this.
  ExpectEqual(**store().FindNetworkMadeFrom(later.quantise_key), SampleNetwork());
  EXPECT_FALSE(store().FindNetworkMadeFrom(std::string(64, 'f'))->has_value());
  NetworkKey newer = key;
  newer.quantiser_version = 4;
  EXPECT_FALSE(store().FindNetwork(newer)->has_value());
}

TEST_P(JobStoreConformance, FirstScoreStands) {
  const ScoreKey key = {{1, 2}, {3, 0xFFFFFFFFFFFFFFFF}};
  Mutations first;
  first.scores.emplace(key, Score{0.5, 0.6, 1, 10, 1});
  Mutations second;
  second.scores.emplace(key, Score{0.7, 0.8, 1, 10, 1});
  NIWAKI_ASSERT_OK(Commit(first));
  NIWAKI_ASSERT_OK(Commit(second));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto score, store().FindScore(key));

  ASSERT_TRUE(score.has_value());
  EXPECT_EQ(score->top1, 0.5);
  EXPECT_FALSE(store().FindScore({{1, 2}, {3, 4}})->has_value());
  EXPECT_FALSE(store().FindScore({{1, 3}, {3, 0xFFFFFFFFFFFFFFFF}})->has_value());
}

TEST_P(JobStoreConformance, JobsAreListedNewestFirstInPages) {
  Mutations mutations;
  for (int64_t uid = 1; uid <= 5; ++uid) {
    mutations.jobs.emplace(uid, SampleJob(uid, std::string(1, 'a' + uid), JobState::kFailed));
  }
  NIWAKI_ASSERT_OK(Commit(mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<Job> first, store().ListJobs(0, 2));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<Job> second, store().ListJobs(4, 2));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<Job> third, store().ListJobs(2, 2));

  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].uid, 5);
  EXPECT_EQ(first[1].uid, 4);
  EXPECT_EQ(second[0].uid, 3);
  EXPECT_THAT(third, SizeIs(1));
}

TEST_P(JobStoreConformance, CandidatesAreListedBySlotAndState) {
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.jobs.emplace(2, SampleJob(2, "b", JobState::kRunning));
  for (int slot = 0; slot < 6; ++slot) {
    const auto state = slot % 2 == 0 ? CandidateState::kScored : CandidateState::kPending;
    mutations.candidates.emplace(CandidateRef{1, slot}, SampleCandidate(slot, state));
  }
  mutations.candidates.emplace(CandidateRef{2, 0}, SampleCandidate(0, CandidateState::kScored));
  NIWAKI_ASSERT_OK(Commit(mutations));

  const auto slots = [&](int64_t from, std::optional<CandidateState> state, int64_t limit) {
    std::vector<int64_t> found;
    const std::vector<Candidate> rows = *store().ListCandidates(1, from, state, limit);
    for (const Candidate& candidate : rows) {
      found.push_back(candidate.slot);
    }
    return found;
  };

  EXPECT_THAT(slots(0, std::nullopt, 100), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(slots(2, std::nullopt, 2), ElementsAre(2, 3));
  EXPECT_THAT(slots(1, CandidateState::kScored, 100), ElementsAre(2, 4));
  EXPECT_THAT(slots(6, std::nullopt, 100), IsEmpty());
}

TEST_P(JobStoreConformance, DeletionTakesCandidatesButNotScores) {
  const ScoreKey key = {{1, 2}, {3, 4}};
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kSucceeded));
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kScored));
  mutations.scores.emplace(key, Score{0.5, 0.6, 1, 10, 1});
  NIWAKI_ASSERT_OK(Commit(mutations));
  Mutations deletion;
  deletion.deleted_jobs.insert(1);
  // The name is free at once.
  deletion.jobs.emplace(2, SampleJob(2, "a", JobState::kQueued));
  NIWAKI_ASSERT_OK(Commit(deletion));

  EXPECT_EQ((*store().FindJob("a"))->uid, 2);
  EXPECT_FALSE(store().FindJobByUid(1)->has_value());
  EXPECT_FALSE(store().FindCandidate({1, 0})->has_value());
  EXPECT_TRUE(store().FindScore(key)->has_value());
}

TEST_P(JobStoreConformance, OldRequestsAreForgotten) {
  const absl::Time time = absl::FromUnixSeconds(1000);
  const std::string binary("\0\xff\x01", 3);
  Mutations mutations;
  mutations.requests["old"] = {"old", "M", "d", binary, time};
  mutations.requests["new"] = {"new", "M", "d", binary, time + absl::Seconds(1)};
  NIWAKI_ASSERT_OK(Commit(mutations));
  EXPECT_EQ((*store().FindRequest("old"))->response, binary);
  Mutations forget;
  forget.forget_requests_before = time + absl::Seconds(1);
  NIWAKI_ASSERT_OK(Commit(forget));

  EXPECT_FALSE(store().FindRequest("old")->has_value());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto kept, store().FindRequest("new"));
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->method, "M");
  EXPECT_EQ(kept->request_digest, "d");
  EXPECT_EQ(kept->response, binary);
  EXPECT_EQ(kept->create_time, time + absl::Seconds(1));
}

TEST_P(JobStoreConformance, SupernetsAreListedByName) {
  Mutations mutations;
  for (const char* name : {"c", "a", "b"}) {
    mutations.supernets[name] = {name, "space", "digest", "data", absl::FromUnixSeconds(5)};
  }
  NIWAKI_ASSERT_OK(Commit(mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, store().ListSupernets("", 2));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, store().ListSupernets("b", 2));

  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].name, "a");
  EXPECT_EQ(first[1].name, "b");
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].name, "c");
  EXPECT_EQ((*store().FindSupernet("c"))->digest, "digest");
  EXPECT_FALSE(store().FindSupernet("d")->has_value());
}

TEST_P(JobStoreConformance, ManyScoresAreFoundAtOnce) {
  constexpr int kScores = 2500;
  Mutations mutations;
  std::vector<ScoreKey> keys;
  for (int i = 0; i < kScores; ++i) {
    // Neighbours in either half of either id.
    const uint64_t n = i;
    const ScoreKey key = {{n % 3, ~uint64_t{0} - n % 5}, {n << 56 | n, n * 0x9E3779B97F4A7C15u}};
    keys.push_back(key);
    if (i % 2 == 0) mutations.scores.emplace(key, Score{0.5, 0.6, 1.0 + i, 10, 1});
  }
  NIWAKI_ASSERT_OK(Commit(mutations));
  // Some twice.
  keys.insert(keys.end(), keys.begin(), keys.begin() + 10);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto found, store().FindScores(keys));

  EXPECT_EQ(found.size(), kScores / 2);
  for (int i = 0; i < kScores; ++i) {
    const auto it = found.find(keys[i]);
    ASSERT_EQ(it != found.end(), i % 2 == 0) << i;
    if (it != found.end()) {
      EXPECT_EQ(it->second.loss, 1.0 + i);
    }
  }
  EXPECT_THAT(*store().FindScores({}), IsEmpty());
}

TEST_P(JobStoreConformance, ManyRequestsAreFoundAtOnce) {
  const std::string binary("\0\xff\x01", 3);
  Mutations mutations;
  std::vector<std::string> ids = {"unknown"};
  for (int i = 0; i < 1500; ++i) {
    ids.push_back("id" + std::to_string(i));
    mutations.requests[ids.back()] = {ids.back(), "M", "d", binary, absl::FromUnixSeconds(i)};
  }
  NIWAKI_ASSERT_OK(Commit(mutations));
  ids.push_back("id7");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto found, store().FindRequests(ids));

  EXPECT_EQ(found.size(), 1500);
  EXPECT_EQ(found.at("id7").response, binary);
  EXPECT_EQ(found.at("id1499").request_id, "id1499");
  EXPECT_EQ(found.at("id1499").create_time, absl::FromUnixSeconds(1499));
  EXPECT_THAT(*store().FindRequests({}), IsEmpty());
}

// A commit with a row of each kind.
Mutations OneOfEach() {
  Mutations mutations;
  mutations.next_job_uid = 2;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kPending));
  mutations.scores.emplace(ScoreKey{{1, 2}, {3, 4}}, Score{0.5, 0.6, 1, 10, 1});
  mutations.supernets["kws"] = {"kws", "space", "digest", "data", absl::FromUnixSeconds(5)};
  mutations.requests["r"] = {"r", "M", "d", "answer", absl::FromUnixSeconds(5)};
  return mutations;
}

// Whether all rows of OneOfEach are there, or none of them.
void ExpectOneOfEach(JobStore& store, bool there) {
  EXPECT_EQ(store.Load()->next_job_uid, there ? 2 : 1);
  EXPECT_EQ(store.Load()->jobs.size(), there ? 1 : 0);
  EXPECT_EQ(store.FindJob("a")->has_value(), there);
  EXPECT_EQ(store.FindCandidate({1, 0})->has_value(), there);
  EXPECT_EQ(store.FindScore({{1, 2}, {3, 4}})->has_value(), there);
  EXPECT_EQ(store.FindSupernet("kws")->has_value(), there);
  EXPECT_EQ(store.FindRequest("r")->has_value(), there);
}

TEST_P(JobStoreConformance, CommittedRowsSurviveReopening) {
  NIWAKI_ASSERT_OK(Commit(OneOfEach()));

  rig_->Reopen();

  ExpectOneOfEach(store(), true);
  ExpectEqual(**store().FindJob("a"), SampleJob(1, "a", JobState::kRunning));
}

TEST_P(JobStoreConformance, CommitThatFailsBeforeItsEffectLeavesNothing) {
  rig_->FailNextCommitBefore(absl::ResourceExhaustedError("disk full"));

  EXPECT_THAT(Commit(OneOfEach()), StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));

  ExpectOneOfEach(store(), false);
  rig_->Reopen();
  ExpectOneOfEach(store(), false);
  NIWAKI_EXPECT_OK(Commit(OneOfEach()));
  ExpectOneOfEach(store(), true);
}

TEST_P(JobStoreConformance, CommitThatFailsAfterItsEffectIsThere) {
  rig_->FailNextCommitAfter(absl::UnavailableError("connection lost"));

  EXPECT_THAT(Commit(OneOfEach()), StatusIs(absl::StatusCode::kUnavailable, "connection lost"));

  ExpectOneOfEach(store(), true);
  rig_->Reopen();
  ExpectOneOfEach(store(), true);
  // The same again is no harm.
  NIWAKI_EXPECT_OK(Commit(OneOfEach()));
}

TEST_P(JobStoreConformance, EpochsGrowAlsoAcrossReopening) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LeaderEpoch first, store().BeginEpoch());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LeaderEpoch second, store().BeginEpoch());
  rig_->Reopen();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LeaderEpoch third, store().BeginEpoch());

  EXPECT_GT(first, 0);
  EXPECT_GT(second, first);
  EXPECT_GT(third, second);
}

TEST_P(JobStoreConformance, CommitOfAnEndedEpochIsRefusedAndWritesNothing) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LeaderEpoch old_leader, store().BeginEpoch());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LeaderEpoch new_leader, store().BeginEpoch());

  // The one before the first leader, and one that never began, are as good as an old one.
  for (const LeaderEpoch epoch : {old_leader, LeaderEpoch{0}, new_leader + 1}) {
    EXPECT_THAT(store().Commit(OneOfEach(), epoch),
                HasReason(absl::StatusCode::kAborted, reason::kLeaderFenced));
    EXPECT_THAT(store().Probe(epoch), HasReason(absl::StatusCode::kAborted, reason::kLeaderFenced));
  }

  ExpectOneOfEach(store(), false);
  NIWAKI_EXPECT_OK(store().Commit(OneOfEach(), new_leader));
  ExpectOneOfEach(store(), true);
}

TEST_P(JobStoreConformance, ReadersBesideTheWriterSeeWholeCommits) {
  constexpr int kCommits = 100;
  constexpr int kSlots = 20;
  const auto commit = [&](int64_t version) {
    Mutations mutations;
    Job job = SampleJob(1, "a", JobState::kRunning);
    job.version = version;
    mutations.jobs.emplace(1, job);
    for (int slot = 0; slot < kSlots; ++slot) {
      Candidate candidate = SampleCandidate(slot, CandidateState::kLeased);
      candidate.epoch = version;
      mutations.candidates.emplace(CandidateRef{1, slot}, candidate);
      mutations.scores.emplace(ScoreKey{{7, 7}, {static_cast<uint64_t>(version), slot + 1u}},
                               Score{0.5, 0.6, 1, 10, 1});
    }
    return Commit(mutations);
  };
  NIWAKI_ASSERT_OK(commit(1));
  std::atomic<bool> done{false};
  const auto read = [&] {
    int64_t seen = 0;
    while (!done) {
      const int64_t job_version = (*store().FindJobByUid(1))->version;
      const std::vector<Candidate> rows = *store().ListCandidates(1, 0, std::nullopt, 1000);
      ASSERT_EQ(rows.size(), kSlots);
      for (const Candidate& row : rows) ASSERT_EQ(row.epoch, rows[0].epoch);
      // A later call never sees less.
      ASSERT_GE(job_version, seen);
      ASSERT_GE(rows[0].epoch, job_version);
      seen = rows[0].epoch;
      std::vector<ScoreKey> keys;
      for (uint64_t slot = 0; slot < kSlots; ++slot) {
        keys.push_back({{7, 7}, {static_cast<uint64_t>(seen + 1), slot + 1}});
      }
      const size_t next = store().FindScores(keys)->size();
      ASSERT_TRUE(next == 0 || next == kSlots) << next;
    }
  };

  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (int version = 2; version <= kCommits; ++version) NIWAKI_EXPECT_OK(commit(version));
  done = true;
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ((*store().FindJobByUid(1))->version, kCommits);
}

TEST_P(JobStoreConformance, DrainedWorkersAreLoadedUntilTakenBack) {
  const absl::Time time = absl::FromUnixMicros(1234567890123456);
  Mutations drains;
  for (const char* name : {"b", "a"}) drains.drained_workers[name] = {{name, "cpu-f32", time}};
  NIWAKI_ASSERT_OK(store().Commit(drains, 0));
  NIWAKI_ASSERT_OK(store().Commit(drains, 0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LiveState both, store().Load());
  Mutations undo;
  undo.drained_workers["a"] = std::nullopt;
  undo.drained_workers["never drained"] = std::nullopt;
  NIWAKI_ASSERT_OK(store().Commit(undo, 0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LiveState one, store().Load());

  ASSERT_THAT(both.drained_workers, SizeIs(2));
  EXPECT_EQ(both.drained_workers[0].name, "a");
  ASSERT_THAT(one.drained_workers, SizeIs(1));
  EXPECT_EQ(one.drained_workers[0].name, "b");
  EXPECT_EQ(one.drained_workers[0].precision, "cpu-f32");
  EXPECT_EQ(one.drained_workers[0].drain_time, time);
}

TEST_P(JobStoreConformance, ProbeSucceeds) {
  NIWAKI_EXPECT_OK(store().Probe(0));
  NIWAKI_EXPECT_OK(store().Probe(0));
}

}  // namespace
}  // namespace niwaki::jobs
