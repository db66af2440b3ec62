#include "libs/jobs/tested_front.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace niwaki::jobs {

std::string TestJobId(absl::string_view job_id) { return absl::StrCat(job_id, kTestSuffix); }

Evaluation TestEvaluation(Evaluation evaluation) {
  evaluation.split = Split::kTest;
  evaluation.evaluation_images = 0;
  return evaluation;
}

ScoringId TestScoringOf(const Job& job) {
  return ScoringIdOf(job.supernet_digest, TestEvaluation(job.spec.evaluation));
}

Job TestJobOf(const Job& ended) {
  Job job;
  job.id = TestJobId(ended.id);
  job.spec = ended.spec;
  job.spec.evaluation = TestEvaluation(ended.spec.evaluation);
  job.spec.max_candidates = ended.counters.front_size;
  job.spec.test_front = false;
  job.spec.proof = {};
  job.spec.tested_uid = ended.uid;
  job.space_text = ended.space_text;
  job.supernet_digest = ended.supernet_digest;
  return job;
}

}  // namespace niwaki::jobs
