// Jobs and candidates as people read them.

#ifndef NIWAKI_SERVICES_CLI_SHOW_JOB_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_JOB_TEXT_H_

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {

// "RUNNING", "SCORED".
std::string StateName(v1::JobState state);
std::string StateName(v1::CandidateState state);

// Slots that have their outcome: scored, infeasible and failed.
int64_t DoneSlots(const v1::JobProgress& progress);

// Slots that need an outcome, those searched in place of members that left the front included.
int64_t AllSlots(const v1::Job& job);

// "proving 1 of 3 (1 with a worker, 1 on a board)" while proofs are under way, "3 proven, 1 left
// the front" afterwards; "" where nothing was proven.
std::string ProofNote(const v1::Job& job);

// What is known of a candidate's proof, a line for each, each ending with a line end; "" for none.
std::string ProofLines(const v1::Proof& proof);

// "front 7, 12 infeasible, 120 rejected": what stands behind a progress bar, and why the job stands
// still where it does.
std::string ProgressNote(const v1::Job& job);

// "jobs/a SUCCEEDED: 190 scored, 10 infeasible, 0 failed; 14 networks on the front".
std::string JobSummary(const v1::Job& job);

// "SRAM 320.0 kB, latency 100.0 ms".
std::string LimitsText(const google::protobuf::RepeatedPtrField<v1::Constraint>& limits);

// "within the device's SRAM of 320.0 kB and flash of 1.0 MB": the limits of `resolved` that `asked`
// does not have; "" where there are none.
std::string DeviceLimitsNote(const v1::JobSpec& asked, const v1::JobSpec& resolved);

// One line for each job.
Table JobTable(const std::vector<v1::Job>& jobs);

// "a: no worker …": a line for each job that has not ended and says why it stands still, or failed
// and says why.
std::string StandstillNotes(const std::vector<v1::Job>& jobs);

// One line for each candidate: its slot, scores, costs and id. TOP-1 is always there, TOP-5, LOSS
// and ENERGY where they are among `metrics`, what the job optimises or limits. With states, the
// last column is REASON where any candidate has one. Fronts: front_text.h.
Table CandidateTable(const std::vector<v1::Candidate>& candidates, bool with_state,
                     const std::vector<v1::Metric>& metrics = {});

// Comma-separated values with a title line (RFC 4180), the reason last; empty cells for what is not
// set.
std::string CandidateCsv(const std::vector<v1::Candidate>& candidates);
// Its title line and the line of one candidate, without their ends.
std::string CandidateCsvTitles();
std::string CandidateCsvCells(const v1::Candidate& candidate);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_JOB_TEXT_H_
