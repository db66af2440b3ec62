// Runs a fuzz target under libFuzzer; the target's seeds go into the corpus folder, the first
// argument that is not a flag.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const absl::string_view folder = (*argv)[i];
    if (folder.empty() || folder[0] == '-') continue;
    int index = 0;
    for (const std::string& seed : niwaki::fuzz::Seeds()) {
      std::ofstream file(absl::StrCat(folder, "/seed-", index++), std::ios::binary);
      file.write(seed.data(), seed.size());
    }
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  niwaki::fuzz::Run(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
