#include "libs/predictor/space_family.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/digest.h"

namespace niwaki::predictor {
namespace {

constexpr absl::string_view kClasses = "num_classes: ";

// The lines of the space that make its family.
std::string FamilyText(const arch::SearchSpace& space) {
  std::string kept;
  bool in_resolution = false;
  for (const absl::string_view line : absl::StrSplit(space.ToTextproto(), '\n')) {
    in_resolution |= absl::StartsWith(line, "resolutions");
    if (!in_resolution && !absl::StartsWith(line, "name:") &&
        !absl::StartsWith(line, "description:")) {
      absl::StrAppend(&kept, line, "\n");
    }
    // The end of this message or of another one of the first level.
    in_resolution &= line != "}";
  }
  return kept;
}

std::string HexOf(const std::string& text) {
  return FingerprintOf(text.data(), text.size()).ToHex();
}

}  // namespace

std::string FamilyOf(const arch::SearchSpace& space) { return HexOf(FamilyText(space)); }

std::optional<int> ClassesOfFamily(const arch::SearchSpace& space, absl::string_view family) {
  const auto wanted = Fingerprint::FromHex(family);
  if (!wanted.ok()) return std::nullopt;
  // Every space has the field, and on the first level alone.
  const std::string text = FamilyText(space);
  const size_t number = text.find(absl::StrCat("\n", kClasses)) + 1 + kClasses.size();
  const size_t end = text.find('\n', number);
  // The most that SearchSpace takes.
  constexpr int kMostClasses = 100000;
  for (int classes = 2; classes <= kMostClasses; ++classes) {
    const std::string other = absl::StrCat(absl::string_view(text).substr(0, number), classes,
                                           absl::string_view(text).substr(end));
    if (FingerprintOf(other.data(), other.size()) == *wanted) return classes;
  }
  return std::nullopt;
}

}  // namespace niwaki::predictor
