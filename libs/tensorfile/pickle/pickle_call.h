// What the globals of a checkpoint's pickle stand for: the calls that a Pickle may hold, made
// without Python. Internal to the reader.

#ifndef NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_CALL_H_
#define NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_CALL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle/pickle_value.h"

namespace niwaki::tensorfile {

// Whether `name` ("collections.OrderedDict") is one of those that mean something here.
bool IsKnownGlobal(const std::string& name);

// InvalidArgument with reason FILE_MALFORMED where `name` is of a module that runs programs or
// code: no checkpoint names one, and whatever else loads such a file would run it.
absl::Status CheckGlobal(const std::string& name, absl::string_view what);

// Sets `result` to what calling `global` with the tuple `arguments` gives: an opaque value where
// that is none of the known ones, or where it would be a tensor of a dtype that is not known.
// DataLoss with reason DATA_CORRUPT when the arguments of a known one are not those that torch.save
// writes.
absl::Status CallGlobal(const PickleValue& global, const PickleValue& arguments,
                        absl::string_view what, PickleValue& result);

// Sets `result` to the storage that a persistent id, ("storage", class, key, location, elements),
// and from before PyTorch 1.6 a None for no view, names; to an opaque value where the class is none
// of the known ones. Errors as CallGlobal.
absl::Status LoadPersistent(const PickleValue& id, absl::string_view what, PickleValue& result);

// The error of every malformed pickle.
absl::Status CorruptPickle(absl::string_view what, absl::string_view problem);

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_CALL_H_
