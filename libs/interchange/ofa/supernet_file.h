// The file of a supernet with the space that its manifest names: what converters begin with.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_SUPERNET_FILE_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_SUPERNET_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/tensorfile/safetensors.h"

namespace niwaki::interchange {

struct SupernetFile {
  arch::SearchSpace space;
  // Its tensors are those of the space under our names and, in the checkpoint of a training, the
  // optimiser's.
  std::unique_ptr<tensorfile::SafetensorsFile> file;
};

// The errors of reading; DataLoss with reason DATA_CORRUPT for a file without a manifest, and those
// of train::Manifest::FromJson and of the space, the file named.
absl::StatusOr<SupernetFile> OpenSupernet(const std::string& path);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_SUPERNET_FILE_H_
