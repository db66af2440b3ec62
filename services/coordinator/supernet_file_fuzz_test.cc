#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/coordinator/supernet_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::string header =
      R"({"__metadata__": {"niwaki.manifest": "{\"space_structure\": \"abc\"}"}})";
  return {std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header};
}

bool Run(absl::string_view input) {
  const MemoryFile file(input);
  coordinator::ReadTrainedOn(file.path()).IgnoreError();
  return coordinator::ReadSpaceStructure(file.path()).ok();
}

}  // namespace niwaki::fuzz
