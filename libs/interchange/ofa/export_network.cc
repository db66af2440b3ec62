#include "libs/interchange/ofa/export_network.h"

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/fixed_space.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/interchange/ofa/state_dict.h"
#include "libs/interchange/ofa/supernet_file.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {

absl::Status ExportNetwork(const arch::SearchSpace& space, const arch::Subnet& subnet,
                           const tensorfile::TensorMap& tensors, supernet::OfaRepository repository,
                           const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace fixed, FixedSpace(space, subnet, space.name()));
  NIWAKI_ASSIGN_OR_RETURN(const std::string config, WriteNetConfig(fixed));
  NIWAKI_ASSIGN_OR_RETURN(const tensorfile::NamedTensors state,
                          ExportStateDict(arch::BuildGraph(space, subnet), tensors, repository));
  NIWAKI_ASSIGN_OR_RETURN(const std::string weights,
                          tensorfile::SerializeStateDict(state, "state_dict"));
  NIWAKI_RETURN_IF_ERROR(MakeFolders(folder));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/", kStateDictFile), weights));
  NIWAKI_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(folder, "/", kRunConfigFile), WriteRunConfig(fixed)));
  return WriteFileAtomically(absl::StrCat(folder, "/", kNetConfigFile), config);
}

absl::Status ExportNetworkFile(const std::string& path, supernet::OfaRepository repository,
                               const std::string& folder) {
  NIWAKI_RETURN_IF_ERROR(CheckWritableFolder(folder));
  NIWAKI_ASSIGN_OR_RETURN(const SupernetFile supernet, OpenSupernet(path));
  const arch::SearchSpace& space = supernet.space;
  if (!IsFixed(space)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
        .Field("file")
        .Value(space.name())
        .Limit("a space of one network")
        .Message(absl::StrCat(path, " is a supernet of '", space.name(),
                              "'; one of its subnets is exported with niwaki supernet export"));
  }
  NIWAKI_RETURN_IF_ERROR(
      ExportNetwork(space, arch::MaxSubnet(space), supernet.file->tensors(), repository, folder));
  // OpenSupernet has read it.
  NIWAKI_ASSIGN_OR_RETURN(
      const train::Manifest manifest,
      train::Manifest::FromJson(supernet.file->metadata().at(train::kManifestKey)));
  return WriteDataFacts(folder, FactsOf(manifest));
}

absl::StatusOr<supernet::OfaRepository> ParseOfaFormat(absl::string_view name) {
  if (name == "ofa") return supernet::OfaRepository::kOnceForAll;
  if (name == "mcunet") return supernet::OfaRepository::kMcunet;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("--format")
      .Value(name)
      .Limit("ofa or mcunet")
      .Message(absl::StrCat("--format '", name, "' is not ofa or mcunet"));
}

}  // namespace niwaki::interchange
