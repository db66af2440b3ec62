// Files that a command will write, looked at before the work.

#ifndef NIWAKI_SERVICES_PROGRAM_OUTPUT_CHECK_H_
#define NIWAKI_SERVICES_PROGRAM_OUTPUT_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::program {

// CheckWritable (libs/base/file_writer.h) of what `option` ("--svg") names: the error's field is
// the option, its value the path.
absl::Status CheckOutput(absl::string_view option, const std::string& path);

}  // namespace niwaki::program

#endif  // NIWAKI_SERVICES_PROGRAM_OUTPUT_CHECK_H_
