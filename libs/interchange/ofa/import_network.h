// Checkpoints of the reference implementations as supernets of ours, from file to file. A network
// that stands alone is a supernet whose space holds one network.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_IMPORT_NETWORK_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_IMPORT_NETWORK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/metadata.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/state_dict.h"

namespace niwaki::interchange {

// What the file written says of the data behind the weights.
struct DataFacts {
  data::Metadata metadata;
  // SHA-256 of the prepared data's file; empty where there is none.
  std::string digest;
  // Whether the class names are names, and not the numbers from 0.
  bool class_names_known = true;
};

// Facts from the command line where there is no prepared data: the largest input of `space`, 8-bit
// values in [0, 1], `class_names` (empty: not known, the numbers from 0 stand for them), and
// `normalisation`: "imagenet" (mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225), "half" (0.5
// and 0.5), or "MEAN,…/DEVIATION,…" with one number for each channel or one for all.
// InvalidArgument with reason ARGUMENT_INVALID names the option.
absl::StatusOr<DataFacts> DescribeData(const arch::SearchSpace& space,
                                       std::vector<std::string> class_names,
                                       absl::string_view normalisation);

struct ImportSummary {
  arch::SearchSpace space;
  // As written.
  DataFacts facts;
  std::vector<supernet::OfaName> mapped;
  std::vector<std::string> ignored;
  // Of the file written.
  std::string digest;
  // How the checkpoint was read.
  tensorfile::StateDictNotes notes;
};

// A file of weights (libs/tensorfile/state_dict.h).
struct Checkpoint {
  // A path is a checkpoint.
  Checkpoint(std::string path_of_file, std::string entry_of_file = "")
      : path(std::move(path_of_file)), entry(std::move(entry_of_file)) {}

  std::string path;
  // "" for the one that the file is about.
  std::string entry;
};

// Number of classes of the state dict: the rows of its classifier. The errors of reading;
// InvalidArgument with reason FILE_MALFORMED where it has none.
absl::StatusOr<int> CountClasses(const Checkpoint& checkpoint);

// Reads the state dict as weights of `space` and writes the supernet `out`, atomically.
// InvalidArgument with reason SUPERNET_MISMATCH unless `facts` has the classes and channels of the
// space; the errors of tensorfile::StateDict and ImportStateDict.
absl::StatusOr<ImportSummary> ImportSupernet(const Checkpoint& checkpoint,
                                             const arch::SearchSpace& space, const DataFacts& facts,
                                             const std::string& out);

// As ImportSupernet for the network of a NetConfig, whose blocks `blocks` are.
absl::StatusOr<ImportSummary> ImportNetwork(const Checkpoint& checkpoint,
                                            const arch::SearchSpace& space,
                                            const std::vector<int>& blocks, const DataFacts& facts,
                                            const std::string& out);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_IMPORT_NETWORK_H_
