// Job files from the disk.

#ifndef NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_
#define NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

struct JobFile {
  // What the file is called in messages, and what it holds.
  std::string what;
  std::string text;
  v1::JobSpec spec;
};

// ParseJobSpec (job_file.h) of a file; "-" reads standard input. NotFound as well.
absl::StatusOr<JobFile> ReadJobFile(const std::string& path);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_READ_JOB_FILE_H_
