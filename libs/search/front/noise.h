// How sure an accuracy is, and which accuracies of a front can be told apart.
//
// An accuracy is the share p of n examples that were classified right, each right or wrong by
// itself: its standard error is sqrt(p (1 - p) / n). The best of many networks is chosen for its
// luck, too, so its accuracy is too good by about as much; only examples that nobody has chosen by
// say how good it is.
//
// Two accuracies are told apart when they differ by at least two standard errors of the difference,
// sqrt(e1^2 + e2^2), which chance alone exceeds about once in twenty times. Networks scored on the
// same examples err on the same ones, mostly, so their difference is surer than that; which
// examples they share is not known, and the rule stays on the careful side.

#ifndef NIWAKI_LIBS_SEARCH_FRONT_NOISE_H_
#define NIWAKI_LIBS_SEARCH_FRONT_NOISE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace niwaki::search {

// Differences below this many standard errors of the difference are noise.
inline constexpr double kNoiseFactor = 2;

// An accuracy as it was measured.
struct MeasuredShare {
  // 0 to 1.
  double share = 0;
  // Examples that it is a share of; 0 where that is not known.
  int64_t examples = 0;
};

// Of the share, as a share. At 0 and 1, where the formula gives 0 whatever n is, that of a share
// half an example away. nullopt where the number of examples is not known, and for a share that is
// none.
std::optional<double> StandardError(const MeasuredShare& measured);

// Whether the two cannot be told apart. nullopt where that is not known of one of them.
std::optional<bool> WithinNoise(const MeasuredShare& a, const MeasuredShare& b);

// For each: whether it cannot be told apart from the next lower one, that is whether its lead over
// it may be luck. False for the lowest, and where that is not known. Equal ones are next to each
// other in their order here.
std::vector<bool> WithinNoiseOfNext(absl::Span<const MeasuredShare> shares);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FRONT_NOISE_H_
