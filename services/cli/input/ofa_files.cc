#include "services/cli/input/ofa_files.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"

namespace niwaki::cli {

absl::StatusOr<std::vector<interchange::OfaEntry>> ReadOfaFiles(
    const std::vector<std::string>& paths) {
  std::vector<interchange::NamedText> files;
  for (const std::string& path : paths) {
    NIWAKI_ASSIGN_OR_RETURN(std::string text, ReadTextFile(path, interchange::kMaxOfaTableBytes));
    files.push_back({path, std::move(text)});
  }
  return interchange::ReadOfaTables(files);
}

}  // namespace niwaki::cli
