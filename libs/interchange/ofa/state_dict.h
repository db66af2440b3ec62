// State dicts of the reference implementations (OFA, MCUNet) to our tensors and back. Which name
// is which is said in one place, libs/supernet/ofa_names.h; here the tensors are checked.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_STATE_DICT_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_STATE_DICT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::interchange {

struct ImportedTensors {
  // Under our names; borrowed from the state dict.
  tensorfile::TensorMap tensors;
  // In the order of the network's layers; `theirs` as the state dict has it.
  std::vector<supernet::OfaName> mapped;
  // Counters (tensorfile::IsCounter), of no use here.
  std::vector<std::string> ignored;
};

// The tensors of `space` out of `state`, as OFA's and MCUNet's code of any year names them: blocks
// hold "conv" or "mobile_inverted_conv"; elastic layers are wrapped once more ("conv.conv",
// "bn.bn", "linear.linear") or not. Every tensor of the space must be there, float32, of its shape
// and finite, and nothing else may be. InvalidArgument with reason FILE_MALFORMED names a tensor
// that is there under two names, or counts the tensors that are missing, extra, of another dtype or
// shape (with both; a transposed one is called that), or hold numbers that are not finite, and
// names the first of each kind; `what` names the file.
absl::StatusOr<ImportedTensors> ImportStateDict(const arch::SearchSpace& space,
                                                const tensorfile::TensorMap& state,
                                                absl::string_view what);

// The state dict of the network `graph` as the reference's static networks name it, with a batch
// counter of 0 beside every batch norm. `tensors` are named as supernet::ExtractSubnet names those
// of the graph, and outlive the result. InvalidArgument with reason FILE_MALFORMED for a tensor
// that is missing or of another shape.
absl::StatusOr<tensorfile::NamedTensors> ExportStateDict(const arch::Graph& graph,
                                                         const tensorfile::TensorMap& tensors,
                                                         supernet::OfaRepository repository);

// The same for a whole supernet, as the reference's elastic networks name its tensors. `tensors`
// has those of the space under our names; others are left out.
absl::StatusOr<tensorfile::NamedTensors> ExportSupernetStateDict(
    const arch::SearchSpace& space, const tensorfile::TensorMap& tensors,
    supernet::OfaRepository repository);

// `state` with the blocks renumbered as a NetConfig says: its block blocks[n] becomes block n.
// Counters keep their names. InvalidArgument with reason FILE_MALFORMED names a tensor of another
// block.
absl::StatusOr<tensorfile::TensorMap> RenumberBlocks(const tensorfile::TensorMap& state,
                                                     const std::vector<int>& blocks,
                                                     absl::string_view what);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_STATE_DICT_H_
