// Mutations: what a batch of commands changed, as rows. Committed all or none.

#ifndef NIWAKI_LIBS_JOBS_STORE_MUTATIONS_H_
#define NIWAKI_LIBS_JOBS_STORE_MUTATIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/candidate_ref.h"
#include "libs/jobs/job.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/score.h"
#include "libs/store/request_record.h"

namespace niwaki::jobs {

// A trained supernet under a name.
struct Supernet {
  std::string name;
  // Textproto of the space it spans.
  std::string space_text;
  // SHA-256 of the artifact with weights and manifest.
  std::string digest;
  // SHA-256 of the artifact with data that jobs score on by default.
  std::string data_digest;
  absl::Time create_time;
};

// A worker that is asked to leave, and whoever comes under its name.
struct DrainedWorker {
  std::string name;
  // What it said last that it computes in; "" when it has not said so.
  std::string precision;
  absl::Time drain_time;
};

using store::RequestRecord;

// Later changes of a row replace earlier ones. Deletions come first when committed.
struct Mutations {
  // Uid of the next job.
  std::optional<int64_t> next_job_uid;
  // Jobs to remove, with their candidates.
  std::set<int64_t> deleted_jobs;
  // Rows to insert or replace.
  std::map<int64_t, Job> jobs;
  std::map<CandidateRef, Candidate> candidates;
  absl::flat_hash_map<ScoreKey, Score> scores;
  absl::flat_hash_map<NetworkKey, Int8Network> networks;
  std::map<std::string, Supernet> supernets;
  // nullopt: the row goes, the worker may work again.
  std::map<std::string, std::optional<DrainedWorker>> drained_workers;
  std::map<std::string, RequestRecord> requests;
  // Older requests are forgotten.
  std::optional<absl::Time> forget_requests_before;

  bool empty() const {
    return !next_job_uid && deleted_jobs.empty() && jobs.empty() && candidates.empty() &&
           scores.empty() && networks.empty() && supernets.empty() && drained_workers.empty() &&
           requests.empty() && !forget_requests_before;
  }
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_MUTATIONS_H_
