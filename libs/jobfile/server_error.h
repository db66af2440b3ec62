// What the coordinator says against a job, in the words of the file that describes it.

#ifndef NIWAKI_LIBS_JOBFILE_SERVER_ERROR_H_
#define NIWAKI_LIBS_JOBFILE_SERVER_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

// `status`, which the coordinator gave to `spec`, with the file's field ("constraints.latency"
// instead of "spec.constraints[0].max") and with "job.yaml:3: " before its message, the line being
// that of the field in `text`. `what` names the file. An error without a field of the spec, or of
// one that the file does not write, keeps its message.
absl::Status InWordsOfFile(const absl::Status& status, absl::string_view text,
                           absl::string_view what, const v1::JobSpec& spec);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_SERVER_ERROR_H_
