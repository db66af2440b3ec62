// The documents that job files are (libs/base/text/document.h), under the names of this library.

#ifndef NIWAKI_LIBS_JOBFILE_DOCUMENT_H_
#define NIWAKI_LIBS_JOBFILE_DOCUMENT_H_

#include "libs/base/text/document.h"

namespace niwaki::jobfile {

using niwaki::DocumentNode;
using niwaki::KindName;
using niwaki::kMaxDocumentBytes;
using niwaki::kMaxDocumentDepth;
using niwaki::ParseDocument;

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_DOCUMENT_H_
