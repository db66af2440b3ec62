#include "libs/interchange/ofa/export_supernet.h"

#include <utility>

#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/state_dict.h"
#include "libs/interchange/ofa/supernet_file.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {

absl::StatusOr<ExportedSupernet> ExportSupernet(const std::string& path,
                                                supernet::OfaRepository repository,
                                                const std::string& out) {
  NIWAKI_ASSIGN_OR_RETURN(SupernetFile supernet, OpenSupernet(path));
  NIWAKI_RETURN_IF_ERROR(CheckWritable(out));
  NIWAKI_ASSIGN_OR_RETURN(
      const tensorfile::NamedTensors state,
      ExportSupernetStateDict(supernet.space, supernet.file->tensors(), repository));
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes,
                          tensorfile::SerializeStateDict(state, "state_dict"));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(out, bytes));
  std::string facts;
  if (!IsStream(out)) {
    // OpenSupernet has read it.
    NIWAKI_ASSIGN_OR_RETURN(
        const train::Manifest manifest,
        train::Manifest::FromJson(supernet.file->metadata().at(train::kManifestKey)));
    NIWAKI_RETURN_IF_ERROR(WriteDataFactsBeside(out, FactsOf(manifest)));
    facts = DataFactsBeside(out);
  }
  const auto names = supernet::OfaSupernetNames(supernet.space, repository);
  return ExportedSupernet{std::move(supernet.space), static_cast<int>(names.size()),
                          std::move(facts)};
}

}  // namespace niwaki::interchange
