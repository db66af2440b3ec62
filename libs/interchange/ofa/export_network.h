// A network as the folder that OFA keeps one in:
//
//   net.config   what it is (net_config.h)
//   run.config   its resolution, "image_size"
//   init         {"state_dict": …}, as torch.load reads it

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_NETWORK_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_NETWORK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::interchange {

inline constexpr char kNetConfigFile[] = "net.config";
inline constexpr char kRunConfigFile[] = "run.config";
inline constexpr char kStateDictFile[] = "init";

// Writes a subnet (valid, canonical) with its own tensors, named as supernet::ExtractSubnet names
// them, into `folder`, which is made; files of these names there are replaced. The errors of
// FixedSpace, WriteNetConfig, ExportStateDict and of writing.
absl::Status ExportNetwork(const arch::SearchSpace& space, const arch::Subnet& subnet,
                           const tensorfile::TensorMap& tensors, supernet::OfaRepository repository,
                           const std::string& folder);

// A supernet's file whose space holds one network, with what it says of its data (data_facts.h).
// InvalidArgument with reason SPACE_INVALID for a
// space of several; the errors of reading.
absl::Status ExportNetworkFile(const std::string& path, supernet::OfaRepository repository,
                               const std::string& folder);

// "ofa" or "mcunet". InvalidArgument with reason ARGUMENT_INVALID.
absl::StatusOr<supernet::OfaRepository> ParseOfaFormat(absl::string_view name);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_EXPORT_NETWORK_H_
