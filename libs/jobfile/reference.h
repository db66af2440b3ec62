// The reference of job files, for people: every field with its default and range, made from the
// tables that the reader checks by. libs/jobfile/FORMAT.md is this text.

#ifndef NIWAKI_LIBS_JOBFILE_REFERENCE_H_
#define NIWAKI_LIBS_JOBFILE_REFERENCE_H_

#include <string>

namespace niwaki::jobfile {

// In Markdown.
std::string JobFileReference();

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_REFERENCE_H_
