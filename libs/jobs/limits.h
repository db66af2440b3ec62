// What a network's costs must be for the network to become a job's candidate.

#ifndef NIWAKI_LIBS_JOBS_LIMITS_H_
#define NIWAKI_LIBS_JOBS_LIMITS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "libs/cost/cost.h"
#include "libs/jobs/job_spec.h"
#include "libs/search/constraint.h"
#include "libs/search/metric.h"

namespace niwaki::jobs {

// What is known of a network before it is scored.
search::Metrics MetricsOf(const cost::Cost& cost);

// Adds a limit of the device's memory to `spec.constraints` for SRAM and for flash, each unless the
// job limits it itself or names it in `unlimited`. A size of 0 is not known and limits nothing.
void AddDeviceLimits(int64_t sram_bytes, int64_t flash_bytes, JobSpec& spec);

// The SRAM that a network of the job may use: the least of its constraints on it; of a job without
// one, more than any network needs.
int64_t SramLimitOf(const JobSpec& spec);

// The constraints of `spec` at their places, and behind them, for every cost that it optimises and
// does not limit, one that every known figure meets: what is not known cannot be compared. No limit
// accepts a figure that is not known.
std::vector<search::Constraint> LimitsOf(const JobSpec& spec);

// InvalidArgument with reason ARGUMENT_INVALID for a job that limits or optimises a figure that
// `spec.device` has for no network: `violation` is of LimitsOf and has no value, `known` are the
// metrics of some network there. Field spec.constraints[i].metric or spec.objectives[i]; the
// message names the device and what it lacks.
absl::Status FigureUnknown(const JobSpec& spec, const search::Violation& violation,
                           const search::Metrics& known);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_LIMITS_H_
