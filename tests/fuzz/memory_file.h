// Bytes under a path, for parsers that open files: no disk is touched.

#ifndef NIWAKI_TESTS_FUZZ_MEMORY_FILE_H_
#define NIWAKI_TESTS_FUZZ_MEMORY_FILE_H_

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/log.h"

namespace niwaki::fuzz {

// Not thread-safe. The path is good while the object lives.
class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view bytes) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    NIWAKI_CHECK(descriptor_ >= 0);
    NIWAKI_CHECK(write(descriptor_, bytes.data(), bytes.size()) ==
                 static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  const int descriptor_;
};

}  // namespace niwaki::fuzz

#endif  // NIWAKI_TESTS_FUZZ_MEMORY_FILE_H_
