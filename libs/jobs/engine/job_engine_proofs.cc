// The part of JobEngine that has members of fronts proven.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/absence_note.h"
#include "libs/jobs/engine/job_engine.h"

namespace niwaki::jobs {
namespace {

bool Struck(const Proof& proof, absl::string_view worker) {
  return std::find(proof.strikes.begin(), proof.strikes.end(), worker) != proof.strikes.end();
}

ReportVerdict Rejected(absl::string_view why) { return {Verdict::kRejected, std::string(why)}; }

}  // namespace

bool JobEngine::WantsProof(const LiveJob& live, absl::Time now) const {
  const Job& job = live.job;
  if (job.spec.tested_uid != 0 || job.spec.proof.members == ProofMembers::kNone) return false;
  if (job.proof_round > 0) return true;
  if (live.front->size() == 0) return false;
  if (!job.spec.proof.where_possible || job.prover_seen) return true;
  // Nobody took part where all scores were known: then whoever is there may prove.
  return job.counters.cached == job.counters.scored &&
         attendance_.IsPresent(ProverKey(live.precision(), options_.quantiser_version), now);
}

void JobEngine::LoadProof(LiveJob& live, const Candidate& candidate, absl::Time now) {
  const Candidate& proof = live.proofs.insert_or_assign(candidate.slot, candidate).first->second;
  if (proof.proof->state != ProofState::kLeased) return;
  leases_.Claim({{live.job.uid, proof.slot}, proof.epoch}, proof.worker, now);
  NoteCall(proof.worker, live.precision(), now);
}

Candidate* JobEngine::FindProof(const CandidateRef& ref) {
  LiveJob* live = FindLive(ref.job_uid);
  if (live == nullptr) return nullptr;
  const auto it = live->proofs.find(ref.slot);
  return it == live->proofs.end() ? nullptr : &it->second;
}

bool JobEngine::IsProofLease(const CandidateRef& ref) const {
  const auto live = live_.find(ref.job_uid);
  if (live == live_.end()) return false;
  const auto it = live->second.proofs.find(ref.slot);
  return it != live->second.proofs.end() && it->second.proof->state == ProofState::kLeased;
}

NetworkKey JobEngine::NetworkKeyOf(const LiveJob& live, const Candidate& candidate) const {
  return {KeyOf(live, candidate), options_.quantiser_version};
}

void JobEngine::SetProofState(LiveJob& live, Candidate& candidate, ProofState state) {
  Proof& proof = *candidate.proof;
  NIWAKI_CHECK(MayBecome(proof.state, state));
  --live.job.counters.proof.Of(proof.state);
  ++live.job.counters.proof.Of(state);
  proof.state = state;
  Put(live, candidate);
  Touch(live);
}

absl::Status JobEngine::AdvanceProof(int64_t job_uid, ProofPlan plan, absl::Time now) {
  LiveJob* live = FindLive(job_uid);
  if (live == nullptr || live->job.state != JobState::kRunning) return absl::OkStatus();
  const JobCounters& counters = live->job.counters;
  const bool next = plan.round == live->job.proof_round + 1 &&
                    counters.outcomes() >= live->job.slots() && counters.proof.under_way() == 0;
  if (!next || live->job.spec.proof.members == ProofMembers::kNone) return absl::OkStatus();
  std::vector<std::optional<Int8Network>> known;
  for (const Candidate& member : plan.members) {
    NIWAKI_ASSIGN_OR_RETURN(known.emplace_back(), rows_.FindNetwork(NetworkKeyOf(*live, member)));
  }
  live->job.proof_round = plan.round;
  for (const Refusal& refusal : plan.refusals) {
    Candidate& candidate = live->proofs.at(refusal.slot);
    candidate.proof->reason = refusal.reason;
    SetProofState(*live, candidate, ProofState::kRefused);
    Happened(CandidateRefused{NameOf(*live, refusal.slot), refusal.reason});
  }
  live->front = std::make_unique<JobFront>(std::move(plan.front));
  live->job.counters.front_size = live->front->size();
  Touch(*live);
  if (plan.done) {
    Succeed(*live, now);
    return absl::OkStatus();
  }
  if (plan.extra_slots > 0) {
    live->job.extra_slots += plan.extra_slots;
    Happened(JobExtended{NameOf(live->job), live->job.slots()});
  }
  for (size_t i = 0; i < plan.members.size(); ++i) {
    BeginProof(*live, std::move(plan.members[i]), plan.round, known[i]);
  }
  NoteAbsentWorkers(now);
  return absl::OkStatus();
}

void JobEngine::BeginProof(LiveJob& live, Candidate candidate, int64_t round,
                           const std::optional<Int8Network>& known) {
  candidate.proof = Proof();
  candidate.proof->round = round;
  const int64_t slot = candidate.slot;
  Candidate& member = live.proofs.insert_or_assign(slot, std::move(candidate)).first->second;
  ++live.job.counters.proof.pending;
  Put(live, member);
  Touch(live);
  Happened(ProofBegun{NameOf(live, slot), round});
  if (known.has_value()) MakeQuantised(live, member, *known, /*cached=*/true);
}

void JobEngine::MakeQuantised(LiveJob& live, Candidate& candidate, const Int8Network& network,
                              bool cached) {
  candidate.proof->network = network;
  candidate.proof->cached = cached;
  leases_.Release({live.job.uid, candidate.slot});
  SetProofState(live, candidate, ProofState::kQuantised);
  Happened(CandidateQuantised{NameOf(live, candidate.slot), network.digest, network.score, cached});
  if (live.job.proof_board == kNoBoard) MakeProven(live, candidate);
}

void JobEngine::MakeProven(LiveJob& live, Candidate& candidate) {
  SetProofState(live, candidate, ProofState::kProven);
  const Proof& proof = *candidate.proof;
  Happened(CandidateProven{NameOf(live, candidate.slot),
                           proof.figures.has_value() ? proof.figures->board : "", proof.reason});
}

void JobEngine::MakeProofFailed(LiveJob& live, Candidate& candidate, absl::string_view why) {
  candidate.proof->reason = std::string(why);
  leases_.Release({live.job.uid, candidate.slot});
  SetProofState(live, candidate, ProofState::kFailed);
  Happened(ProofFailed{NameOf(live, candidate.slot), candidate.proof->reason});
}

Candidate* JobEngine::PickProof(LiveJob& live, absl::string_view worker, bool struck) {
  for (auto& [slot, candidate] : live.proofs) {
    const Proof& proof = *candidate.proof;
    if (proof.state == ProofState::kPending && Struck(proof, worker) == struck) return &candidate;
  }
  return nullptr;
}

bool JobEngine::LeaseProof(LeaseCall& call) {
  if (!call.abilities.ProvesWith(options_.quantiser_version)) return false;
  for (const bool struck : {false, true}) {
    for (auto& [uid, live] : live_) {
      const bool fits = live.job.state == JobState::kRunning && live.precision() == call.precision;
      if (!fits || live.job.counters.proof.pending == 0) continue;
      Candidate* candidate = PickProof(live, call.worker, struck);
      if (candidate == nullptr) continue;
      ++candidate->epoch;
      candidate->worker = std::string(call.worker);
      NIWAKI_CHECK(
          leases_.Acquire({{uid, candidate->slot}, candidate->epoch}, call.worker, call.now));
      SetProofState(live, *candidate, ProofState::kLeased);
      Happened(ProofLeased{NameOf(live, candidate->slot), candidate->epoch, candidate->worker});
      call.grants.push_back(GrantOf(live, *candidate));
      return true;
    }
  }
  return false;
}

absl::Status JobEngine::ReturnProof(LiveJob& live, Candidate& candidate) {
  // A late report may have brought the network while the candidate was with this worker.
  const absl::StatusOr<std::optional<Int8Network>> known =
      rows_.FindNetwork(NetworkKeyOf(live, candidate));
  leases_.Release({live.job.uid, candidate.slot});
  SetProofState(live, candidate, ProofState::kPending);
  NIWAKI_RETURN_IF_ERROR(known.status());
  if (known->has_value()) MakeQuantised(live, candidate, **known, /*cached=*/false);
  return absl::OkStatus();
}

absl::Status JobEngine::StrikeProof(LiveJob& live, Candidate& candidate, absl::string_view worker,
                                    const absl::Status& failure, absl::Time now) {
  candidate.proof->strikes.push_back(std::string(worker));
  const std::string given_up = GivenUpFor(live, candidate.proof->strikes, failure, now);
  if (given_up.empty()) return ReturnProof(live, candidate);
  MakeProofFailed(live, candidate, given_up);
  return absl::OkStatus();
}

absl::StatusOr<ReportVerdict> JobEngine::ReportNetwork(absl::string_view worker, const LeaseId& id,
                                                       const Reported& reported,
                                                       const Int8Network& network, absl::Time now) {
  if (!reported.candidate.proof.has_value()) return Rejected(reason::kArgumentInvalid);
  if (reported.current && !IsProofLease(id.ref)) return Rejected(reason::kArgumentInvalid);
  const absl::Status valid = ValidateInt8Network(network);
  if (!valid.ok()) return Rejected(GetErrorDetail(valid)->reason);
  if (network.quantiser_version != options_.quantiser_version) {
    return Rejected(reason::kArgumentInvalid);
  }
  const NetworkKey key = {{reported.job.scoring(), reported.candidate.subnet_id},
                          network.quantiser_version};
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Int8Network> known, rows_.FindNetwork(key));
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Int8Network> made,
                          rows_.FindNetworkMadeFrom(network.quantise_key));
  // The first bytes of a quantise key stand, whichever evaluation they were made for.
  const bool other_bytes = made.has_value() && made->digest != network.digest;
  const bool conflict = other_bytes || (known.has_value() && !SameNetwork(*known, network));
  if (conflict) {
    Happened(NetworkConflict{{NameOf(reported.job), id.ref.slot},
                             id.ToString(),
                             network.quantise_key,
                             other_bytes ? made->digest : known->digest,
                             network.digest});
    if (LiveJob* live = FindLive(id.ref.job_uid)) {
      ++live->job.counters.conflicts;
      Touch(*live);
    }
  }
  if (!known.has_value() && other_bytes) {
    // These scores are of bytes that do not stand.
    if (reported.current) {
      LiveJob& live = live_.at(id.ref.job_uid);
      NIWAKI_RETURN_IF_ERROR(
          StrikeProof(live, live.proofs.at(id.ref.slot), worker,
                      absl::UnknownError(absl::StrCat(
                          "it made other bytes than those that stand for ", network.quantise_key)),
                      now));
    }
    return ReportVerdict{Verdict::kConflict, ""};
  }
  if (!known.has_value()) rows_.pending().networks.emplace(key, network);
  if (reported.current) {
    LiveJob& live = live_.at(id.ref.job_uid);
    MakeQuantised(live, live.proofs.at(id.ref.slot), known.value_or(network), /*cached=*/false);
  }
  ApplyNetwork(key, known.value_or(network));
  if (conflict) return ReportVerdict{Verdict::kConflict, ""};
  if (reported.current) return ReportVerdict{Verdict::kAccepted, ""};
  return ReportVerdict{known.has_value() ? Verdict::kDuplicate : Verdict::kLateRecorded, ""};
}

void JobEngine::ApplyNetwork(const NetworkKey& key, const Int8Network& network) {
  for (auto& [uid, live] : live_) {
    if (live.scoring != key.score.scoring) continue;
    for (auto& [slot, candidate] : live.proofs) {
      if (candidate.proof->state != ProofState::kPending) continue;
      if (candidate.subnet_id == key.score.subnet) {
        MakeQuantised(live, candidate, network, /*cached=*/true);
      }
    }
  }
}

void JobEngine::SetProofBoard(int64_t job_uid, absl::string_view board) {
  LiveJob* live = FindLive(job_uid);
  if (live == nullptr || !live->job.proof_board.empty() || board.empty()) return;
  live->job.proof_board = std::string(board);
  Touch(*live);
  Happened(ProofBoardChosen{NameOf(live->job), live->job.proof_board});
  if (board != kNoBoard) return;
  for (auto& [slot, candidate] : live->proofs) {
    if (candidate.proof->state == ProofState::kQuantised) MakeProven(*live, candidate);
  }
}

void JobEngine::BeginMeasurement(const CandidateRef& ref, int64_t number,
                                 absl::string_view measurement) {
  Candidate* candidate = FindProof(ref);
  if (candidate == nullptr || candidate->proof->state != ProofState::kQuantised ||
      candidate->proof->measurements + 1 != number) {
    return;
  }
  candidate->proof->measurements = number;
  candidate->proof->measurement = std::string(measurement);
  LiveJob& live = live_.at(ref.job_uid);
  SetProofState(live, *candidate, ProofState::kMeasuring);
  Happened(MeasurementBegun{NameOf(live, ref.slot), candidate->proof->measurement});
}

void JobEngine::EndMeasurement(const CandidateRef& ref, int64_t number,
                               const MeasurementOutcome& outcome) {
  BeginMeasurement(ref, number, "");
  Candidate* candidate = FindProof(ref);
  if (candidate == nullptr || candidate->proof->state != ProofState::kMeasuring ||
      candidate->proof->measurements != number) {
    return;
  }
  LiveJob& live = live_.at(ref.job_uid);
  Proof& proof = *candidate->proof;
  if (outcome.figures.has_value()) {
    proof.figures = outcome.figures;
    return MakeProven(live, *candidate);
  }
  Happened(MeasurementFailed{NameOf(live, ref.slot), proof.measurement, outcome.failure});
  if (outcome.fault_of_network) return MakeProofFailed(live, *candidate, outcome.failure);
  if (!outcome.give_up && number < options_.max_measurements) {
    return SetProofState(live, *candidate, ProofState::kQuantised);
  }
  proof.reason = absl::StrCat("no figures of a board: ", outcome.failure);
  MakeProven(live, *candidate);
}

}  // namespace niwaki::jobs
