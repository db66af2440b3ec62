#include "libs/board/port/port_holder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/file.h"

namespace niwaki::board {
namespace {

constexpr int64_t kMaxNameBytes = 4096;

// Whether one of the process's descriptors is the file of `wanted`.
bool HasOpen(const std::string& descriptors, const struct stat& wanted) {
  const absl::StatusOr<std::vector<std::string>> names = ListFolder(descriptors);
  if (!names.ok()) return false;
  for (const std::string& name : *names) {
    struct stat found;
    const std::string path = absl::StrCat(descriptors, "/", name);
    if (stat(path.c_str(), &found) == 0 && found.st_dev == wanted.st_dev &&
        found.st_ino == wanted.st_ino) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string HolderOf(const std::string& path) {
  struct stat wanted;
  if (stat(path.c_str(), &wanted) != 0) return "";
  const absl::StatusOr<std::vector<std::string>> processes = ListFolder("/proc");
  if (!processes.ok()) return "";
  for (const std::string& process : *processes) {
    int id = 0;
    if (!absl::SimpleAtoi(process, &id) || id == getpid()) continue;
    const std::string folder = absl::StrCat("/proc/", process);
    if (!HasOpen(folder + "/fd", wanted)) continue;
    const absl::StatusOr<std::string> name = ReadFile(folder + "/comm", kMaxNameBytes);
    if (!name.ok()) return absl::StrCat("process ", id);
    return absl::StrCat("process ", id, " (", absl::StripAsciiWhitespace(*name), ")");
  }
  return "";
}

}  // namespace niwaki::board
