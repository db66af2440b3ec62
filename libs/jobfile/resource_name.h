// Names of resources as people type them, with or without the collection in front.

#ifndef NIWAKI_LIBS_JOBFILE_RESOURCE_NAME_H_
#define NIWAKI_LIBS_JOBFILE_RESOURCE_NAME_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::jobfile {

// "abc" or "jobs/abc" → "jobs/abc". InvalidArgument naming `field` unless the id is 1 to 63
// lower-case letters, digits, '-' and '_', that of a job perhaps with ".test" behind. The
// collections: "jobs", "devices", "supernets".
absl::StatusOr<std::string> ResourceName(absl::string_view collection, absl::string_view text,
                                         absl::string_view field);

// "jobs/abc" → "abc".
std::string ResourceId(absl::string_view name);

// "abc" or "boards/abc" → "boards/abc", for collections whose ids the service alone checks; ""
// stays so.
std::string InCollection(absl::string_view collection, absl::string_view text);

struct CandidateName {
  // "jobs/abc".
  std::string job;
  int64_t slot = 0;
  // The first network of the job's front; no slot is named.
  bool best = false;
};

// "jobs/abc/candidates/7" or "abc/7"; "jobs/abc/candidates/best" or "abc/best". InvalidArgument.
absl::StatusOr<CandidateName> ParseCandidateName(absl::string_view text);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_RESOURCE_NAME_H_
