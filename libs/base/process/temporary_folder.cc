#include "libs/base/process/temporary_folder.h"

#include <errno.h>
#include <stdlib.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"

namespace niwaki {

absl::StatusOr<std::unique_ptr<TemporaryFolder>> TemporaryFolder::Create() {
  const char* const variable = getenv("TMPDIR");
  const std::string above = variable != nullptr && variable[0] != '\0' ? variable : "/tmp";
  std::string path = absl::StrCat(above, "/niwaki-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return ErrnoToStatus(errno, absl::StrCat("a temporary folder in ", above));
  }
  return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(std::move(path)));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace niwaki
