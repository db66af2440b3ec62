#include "services/program/output_check.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file_writer.h"

namespace niwaki::program {

absl::Status CheckOutput(absl::string_view option, const std::string& path) {
  const absl::Status status = CheckWritable(path);
  if (status.ok()) return status;
  absl::Status named = Annotate(status, option);
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  detail.field = std::string(option);
  detail.value = path;
  SetErrorDetail(named, detail);
  return named;
}

}  // namespace niwaki::program
