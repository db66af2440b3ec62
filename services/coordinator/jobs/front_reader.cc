#include "services/coordinator/jobs/front_reader.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/job_front.h"
#include "libs/jobs/tested_front.h"

namespace niwaki::coordinator {
namespace {

constexpr size_t kRemembered = 16;
constexpr int64_t kPage = 1000;

std::shared_ptr<const FrontReader::Front> MakeFront(const jobs::Job& job,
                                                    std::vector<int64_t> slots) {
  auto front = std::make_shared<FrontReader::Front>();
  const std::string text = absl::StrCat(job.uid, ":", absl::StrJoin(slots, ","));
  front->slots = std::move(slots);
  front->etag = FingerprintOf(text.data(), text.size()).ToHex();
  return front;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> FrontReader::ComputeSlots(const jobs::Job& job) const {
  jobs::JobFront front(job.spec.objectives);
  int64_t from_slot = 0;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(
        const std::vector<jobs::Candidate> page,
        reader_.ListCandidates(job.uid, from_slot, jobs::CandidateState::kScored, kPage));
    for (const jobs::Candidate& candidate : page) {
      if (!candidate.refused()) front.Add(candidate);
    }
    if (page.size() < kPage) return front.Slots();
    from_slot = page.back().slot + 1;
  }
}

absl::StatusOr<std::shared_ptr<const FrontReader::Front>> FrontReader::FrontOf(
    const jobs::Job& job) {
  std::optional<std::vector<int64_t>> live;
  NIWAKI_RETURN_IF_ERROR(loop_.Run([&](jobs::JobEngine& engine, absl::Time) {
    live = engine.FrontSlots(job.uid);
    return absl::OkStatus();
  }));
  if (live.has_value()) return MakeFront(job, *std::move(live));
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [uid, front] : ended_) {
      if (uid == job.uid) return front;
    }
  }
  NIWAKI_ASSIGN_OR_RETURN(std::vector<int64_t> slots, ComputeSlots(job));
  const std::shared_ptr<const Front> front = MakeFront(job, std::move(slots));
  absl::MutexLock lock(&mutex_);
  ended_.emplace_back(job.uid, front);
  if (ended_.size() > kRemembered) ended_.pop_front();
  return front;
}

absl::StatusOr<std::vector<jobs::Candidate>> FrontReader::Candidates(const jobs::Job& job,
                                                                     const Front& front,
                                                                     int64_t begin,
                                                                     int64_t count) const {
  std::vector<jobs::Candidate> candidates;
  const int64_t end = std::min<int64_t>(begin + count, front.slots.size());
  for (int64_t i = begin; i < end; ++i) {
    NIWAKI_ASSIGN_OR_RETURN(std::optional<jobs::Candidate> candidate,
                            reader_.FindCandidate({job.uid, front.slots[i]}));
    if (!candidate.has_value()) {
      return Error(absl::StatusCode::kAborted, reason::kEtagMismatch)
          .Field("parent")
          .Value(job.id)
          .Message(absl::StrCat("job '", job.id, "' was deleted meanwhile"));
    }
    candidates.push_back(*std::move(candidate));
  }
  return candidates;
}

absl::StatusOr<std::map<int64_t, jobs::Score>> FrontReader::TestScores(
    const jobs::Job& job, const std::vector<jobs::Candidate>& candidates) const {
  std::map<int64_t, jobs::Score> scores;
  if (candidates.empty() || job.spec.tested_uid != 0) return scores;
  const jobs::ScoringId scoring = jobs::TestScoringOf(job);
  std::vector<jobs::ScoreKey> keys;
  for (const jobs::Candidate& candidate : candidates) {
    keys.push_back({scoring, candidate.subnet_id});
  }
  NIWAKI_ASSIGN_OR_RETURN(const auto found, reader_.FindScores(keys));
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto known = found.find(keys[i]);
    if (known != found.end()) scores.emplace(candidates[i].slot, known->second);
  }
  return scores;
}

}  // namespace niwaki::coordinator
