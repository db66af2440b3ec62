// The pickle of a checkpoint (pickle_archive.h).

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/tensorfile/pickle/pickle_archive.h"
#include "libs/tensorfile/pytorch_fixture.h"
#include "libs/tensorfile/state_dict.h"
#include "libs/tensorfile/zip_reader.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

std::string PickleOf(const std::string& archive) {
  const auto zip = tensorfile::ZipReader::Parse(archive, "seed");
  NIWAKI_CHECK(zip.ok());
  const auto pickle = zip->Read("archive/data.pkl");
  NIWAKI_CHECK(pickle.ok());
  return std::string(*pickle);
}

}  // namespace

std::vector<std::string> Seeds() {
  return {PickleOf(tensorfile::FixtureCheckpoint()),
          PickleOf(tensorfile::FixtureTrainingCheckpoint()),
          PickleOf(tensorfile::FixtureProtocolFourCheckpoint())};
}

bool Run(absl::string_view input) {
  const auto state = tensorfile::StateDict::Parse(tensorfile::PickleArchive(input), "input");
  if (!state.ok()) return false;
  const tensorfile::StateDictNotes& notes = (*state)->notes();
  NIWAKI_CHECK(!notes.entry.empty());
  for (const auto& [name, tensor] : (*state)->tensors()) {
    NIWAKI_CHECK(tensor.dtype != tensorfile::Dtype::kF16 &&
                 tensor.dtype != tensorfile::Dtype::kBF16 &&
                 tensor.dtype != tensorfile::Dtype::kF64);
    NIWAKI_CHECK(static_cast<int64_t>(tensor.bytes.size()) ==
                 *tensorfile::CountElements(tensor.shape) * tensorfile::DtypeBytes(tensor.dtype));
  }
  for (const std::string& entry : notes.other_entries) {
    const auto other =
        tensorfile::StateDict::Parse(tensorfile::PickleArchive(input), "again", {entry});
    NIWAKI_CHECK(!other.ok() || (*other)->notes().entry == entry);
  }
  return true;
}

}  // namespace niwaki::fuzz
