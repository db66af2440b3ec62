#include "libs/train/corner_scores.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"

namespace niwaki::train {
namespace {

struct Letter {
  Dimension dimension;
  const char* letter;
};
constexpr Letter kLetters[] = {{Dimension::kResolution, "R"},
                               {Dimension::kWidthMult, "W"},
                               {Dimension::kKernelSize, "K"},
                               {Dimension::kExpandRatio, "E"},
                               {Dimension::kDepth, "D"}};

using Sides = std::array<bool, kDimensionCount>;

std::string NameOf(const ChoiceSet& choices, const Sides& largest) {
  std::string name;
  for (const auto& [dimension, letter] : kLetters) {
    if (dimension != Dimension::kResolution && !choices.IsElastic(dimension)) continue;
    absl::StrAppend(&name, name.empty() ? "" : "-", letter,
                    choices.ValueText(dimension, largest[static_cast<int>(dimension)]));
  }
  return name;
}

bool IsEnd(const Sides& sides) {
  for (int i = 0; i < kDimensionCount; ++i) {
    if (i == static_cast<int>(Dimension::kResolution)) continue;
    if (sides[i] != sides[0]) return false;
  }
  return true;
}

}  // namespace

std::vector<std::pair<std::string, arch::Subnet>> CornersOf(const ChoiceSet& choices,
                                                            PhaseValidation validation) {
  std::vector<std::pair<std::string, arch::Subnet>> corners;
  for (const bool high_resolution : {false, true}) {
    for (int bits = 0; bits < 1 << kDimensionCount; ++bits) {
      Sides sides;
      for (int i = 0; i < kDimensionCount; ++i) sides[i] = (bits >> i & 1) != 0;
      if (sides[static_cast<int>(Dimension::kResolution)] != high_resolution) continue;
      if (validation == PhaseValidation::kEnds && !IsEnd(sides)) continue;
      const arch::Subnet subnet = choices.Corner(sides);
      const bool seen = std::any_of(corners.begin(), corners.end(),
                                    [&](const auto& corner) { return corner.second == subnet; });
      if (!seen) corners.emplace_back(NameOf(choices, sides), subnet);
    }
  }
  return corners;
}

absl::StatusOr<std::vector<CornerScore>> ScoreCorners(const supernet::Supernet& supernet,
                                                      const data::PreparedData& data,
                                                      const ChoiceSet& choices,
                                                      PhaseValidation validation,
                                                      const supernet::ScoreOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer, supernet::Scorer::Create(&supernet, &data, options));
  std::vector<CornerScore> scores;
  for (const auto& [name, subnet] : CornersOf(choices, validation)) {
    NIWAKI_ASSIGN_OR_RETURN(const supernet::Score score, scorer->ScoreSubnet(subnet));
    scores.push_back({name, score});
  }
  return scores;
}

}  // namespace niwaki::train
