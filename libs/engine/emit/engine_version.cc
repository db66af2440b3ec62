#include "libs/engine/emit/engine_version.h"

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/engine/emit/kernel_sources.h"

namespace niwaki::engine {
namespace {

// Grows when operators are called in another way: other layouts, scratch memory, arguments.
constexpr int kEmission = 1;
constexpr size_t kDigits = 16;

}  // namespace

const std::string& EngineVersion() {
  static const auto* const version = [] {
    std::string text = absl::StrCat("emission ", kEmission);
    for (const auto& [path, source] : KernelSources()) absl::StrAppend(&text, "\n", path, source);
    return new std::string(Sha256Hex(text).substr(0, kDigits));
  }();
  return *version;
}

}  // namespace niwaki::engine
