// Job files from the disk.

#ifndef NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_
#define NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

// ParseJobSpec (job_file.h) of a file; "-" reads standard input. NotFound as well.
absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_
