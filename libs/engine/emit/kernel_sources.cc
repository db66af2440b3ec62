#include "libs/engine/emit/kernel_sources.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/log.h"
#include "libs/engine/emit/kernel_source_data.h"

namespace niwaki::engine {
namespace {

// What `text` includes of the kernels.
std::vector<std::string> Includes(absl::string_view text) {
  std::vector<std::string> paths;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "#include \"") || !absl::ConsumeSuffix(&line, "\"")) continue;
    paths.emplace_back(line);
  }
  return paths;
}

}  // namespace

const std::map<std::string, absl::string_view>& KernelSources() {
  static const auto* const sources = [] {
    auto* made = new std::map<std::string, absl::string_view>();
    for (int i = 0; kKernelSourceData[i][0] != nullptr; ++i) {
      made->emplace(kKernelSourceData[i][0], kKernelSourceData[i][1]);
    }
    return made;
  }();
  return *sources;
}

std::set<std::string> FilesOfKernels(const std::set<std::string>& kernels) {
  std::vector<std::string> waiting;
  for (const std::string& kernel : kernels) {
    waiting.push_back(absl::StrCat("libs/kernels/", kernel, ".c"));
  }
  std::set<std::string> files;
  while (!waiting.empty()) {
    const std::string path = waiting.back();
    waiting.pop_back();
    if (!files.insert(path).second) continue;
    const auto source = KernelSources().find(path);
    NIWAKI_CHECK(source != KernelSources().end());
    for (std::string& include : Includes(source->second)) {
      if (absl::StartsWith(include, "libs/kernels/fast/")) {
        std::string code = absl::StrCat(absl::StripSuffix(include, ".h"), ".c");
        if (KernelSources().count(code) > 0) waiting.push_back(std::move(code));
      }
      waiting.push_back(std::move(include));
    }
  }
  return files;
}

}  // namespace niwaki::engine
