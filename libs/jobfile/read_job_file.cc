#include "libs/jobfile/read_job_file.h"

#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/document.h"
#include "libs/base/text/text_file.h"
#include "libs/jobfile/job_file.h"

namespace niwaki::jobfile {

namespace {

absl::StatusOr<JobFile> Parsed(std::string text, const std::string& what) {
  NIWAKI_ASSIGN_OR_RETURN(v1::JobSpec spec, ParseJobSpec(text, what));
  return JobFile{what, std::move(text), std::move(spec)};
}

}  // namespace

absl::StatusOr<JobFile> ReadJobFile(const std::string& path) {
  if (path == "-") {
    std::string text(kMaxDocumentBytes + 1, '\0');
    std::cin.read(text.data(), text.size());
    text.resize(std::cin.gcount());
    NIWAKI_ASSIGN_OR_RETURN(text, TextOf(std::move(text), "standard input"));
    return Parsed(std::move(text), "standard input");
  }
  absl::StatusOr<std::string> text = ReadTextFile(path, kMaxDocumentBytes);
  if (absl::IsResourceExhausted(text.status())) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(path)
        .Limit(kMaxDocumentBytes)
        .Message(absl::StrCat(path, ": more than ", kMaxDocumentBytes, " bytes"));
  }
  NIWAKI_RETURN_IF_ERROR(text.status());
  return Parsed(*std::move(text), path);
}

}  // namespace niwaki::jobfile
