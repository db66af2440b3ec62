// The coordinator's messages and the structs of libs/jobs, both ways. Reading validates what only
// the wire can get wrong (names, unknown enumerators); ranges are checked by libs/jobs.

#ifndef NIWAKI_SERVICES_COORDINATOR_CONVERT_H_
#define NIWAKI_SERVICES_COORDINATOR_CONVERT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/engine/worker_registry.h"
#include "libs/jobs/job.h"
#include "libs/jobs/job_spec.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/store/mutations.h"
#include "libs/search/metric.h"
#include "proto/niwaki/v1/job.pb.h"
#include "proto/niwaki/v1/supernet_service.pb.h"
#include "proto/niwaki/v1/worker_service.pb.h"

namespace niwaki::coordinator {

// The id in "COLLECTION/ID". InvalidArgument naming `field` for another form.
absl::StatusOr<std::string> IdFromName(absl::string_view name, absl::string_view collection,
                                       absl::string_view field);

// InvalidArgument naming `field` for METRIC_UNSPECIFIED and numbers that this version does not
// know.
absl::StatusOr<search::Metric> MetricFromProto(int metric, absl::string_view field);
v1::Metric ToProto(search::Metric metric);

// Fills in every default but the data digest. InvalidArgument with the field's path from the
// request, `spec.device`.
absl::StatusOr<jobs::JobSpec> JobSpecFromProto(const v1::JobSpec& spec);
v1::JobSpec ToProto(const jobs::JobSpec& spec);

v1::Job ToProto(const jobs::Job& job);
v1::Candidate ToProto(absl::string_view job_id, const jobs::Candidate& candidate);
v1::Evaluation ToProto(const jobs::Evaluation& evaluation);
v1::Lease ToProto(const jobs::LeaseGrant& grant);
v1::Worker ToProto(const jobs::WorkerInfo& worker);
v1::ScoreVerdict ToProto(absl::string_view lease_id, const jobs::ReportVerdict& verdict);
// DataLoss when the stored space cannot be read.
absl::StatusOr<v1::Supernet> ToProto(const jobs::Supernet& supernet);

// Unchecked, as the scores in it are.
jobs::Int8Network NetworkFromProto(const v1::Int8Network& network);
v1::Proof ToProto(const jobs::Proof& proof);

jobs::Score ScoreFromProto(const v1::Score& score);
v1::Score ToProto(const jobs::Score& score);

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Duration DurationFromProto(const google::protobuf::Duration& duration);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_CONVERT_H_
