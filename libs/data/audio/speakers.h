// Who speaks: the voices of the keyword generator, and which split each may speak in.

#ifndef NIWAKI_LIBS_DATA_AUDIO_SPEAKERS_H_
#define NIWAKI_LIBS_DATA_AUDIO_SPEAKERS_H_

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// A group number of clips without a voice.
inline constexpr uint32_t kNoSpeaker = 0xFFFFFFFF;
inline constexpr int kPitchBands = 3;

// A speaker is an accent, a variant (the shape of a throat) and a pitch band.
struct Speaker {
  std::string accent;
  std::string variant;
  int pitch_band = 0;
  // Unique over all splits; the group number of the speaker's clips.
  uint32_t id = 0;
};

// Variants are given to splits by families of relatives (`steph`, `steph2`, `steph3`), women and
// men apart, so no throat is heard in two splits; every accent and pitch band is heard in all.
class Speakers {
 public:
  // `installed`: the variants of espeak-ng; only those that sound like people are used. `shares`:
  // each split's part, positive. FailedPrecondition with TOOL_MISSING when too few variants are
  // installed to give every split one.
  static absl::StatusOr<Speakers> Create(const std::set<std::string>& installed,
                                         const std::vector<std::string>& accents,
                                         const std::array<double, kSplitCount>& shares,
                                         uint64_t seed);

  // Variants of a split, sorted.
  const std::vector<std::string>& variants(Split split) const {
    return variants_[static_cast<int>(split)];
  }

  // A speaker of the split: a woman in two of five draws, else uniform.
  Speaker Draw(Split split, Random& random) const;

 private:
  explicit Speakers(std::vector<std::string> accents) : accents_(std::move(accents)) {}

  std::vector<std::string> accents_;
  // Every usable variant, sorted; positions make the ids.
  std::vector<std::string> all_;
  std::array<std::vector<std::string>, kSplitCount> variants_;
  // The same, women (0) and men (1) apart.
  std::array<std::array<std::vector<std::string>, kSplitCount>, 2> by_kind_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_SPEAKERS_H_
