// A whole supernet as the checkpoint that the reference's code loads: every tensor at full size,
// kernel matrices and running statistics included, under the names of its elastic networks.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_SUPERNET_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_SUPERNET_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/supernet/ofa_names.h"

namespace niwaki::interchange {

struct ExportedSupernet {
  arch::SearchSpace space;
  // Tensors written, counters of batches not counted.
  int tensors = 0;
  // The file of the facts; empty where there is none.
  std::string facts;
};

// Writes the supernet's file `path` as {"state_dict": …} to `out`, atomically; import_network.h
// reads it back to the same bytes. The names of the classes and the preparation of their data, for
// which the checkpoint has no place, go beside it (DataFactsBeside), unless `out` is a device or a
// pipe. What a training keeps beside the weights stays behind. The
// errors of OpenSupernet, ExportSupernetStateDict, SerializeStateDict and of writing.
absl::StatusOr<ExportedSupernet> ExportSupernet(const std::string& path,
                                                supernet::OfaRepository repository,
                                                const std::string& out);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_SUPERNET_H_
