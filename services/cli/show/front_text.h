// The front of a job as people and programs read it, with what is known of how sure its accuracies
// are: their standard errors, which of them can be told apart (libs/search/front/noise.h), and what
// they are on the test split.

#ifndef NIWAKI_SERVICES_CLI_SHOW_FRONT_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_FRONT_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/base/json.h"
#include "libs/client/coordinator_client.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::cli {

// The metrics that a job optimises or limits: columns that a table of its candidates has besides
// the usual ones.
std::vector<v1::Metric> MetricsOf(const v1::JobSpec& spec);

// Standard error of an accuracy, TOP1 or TOP5, of a score, as a share; nullopt where the number of
// images is not known, and for other metrics.
std::optional<double> StandardErrorOf(const v1::Score& score, v1::Metric metric);

// A line for each network, "89.0 % ± 1.2" where the accuracy is known with its error in points, "~"
// behind what cannot be told apart from the next lower accuracy of the column; then what these mean
// and how many images they are of. Columns for the test split where it is known of any network.
// Ends with a line end.
std::string FrontText(const v1::Job& job, const client::Front& front);

// CandidateCsv with these columns more: standard errors, the test scores, and "1" where top1 cannot
// be told apart from the next lower one of the front; empty where unknown.
std::string FrontCsv(const client::Front& front);

// {"job", "etag", "test_job", "noise_factor", "objectives", "candidates": [Candidate, besides it
// "top1_standard_error", "top5_standard_error", "test_top1_standard_error" (null where unknown) and
// "within_noise_of_next"]}.
Json FrontJson(const v1::Job& job, const client::Front& front);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_FRONT_TEXT_H_
