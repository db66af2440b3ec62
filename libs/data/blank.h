// Examples that hold nothing to learn from: pictures of one colour, recordings without a sound.

#ifndef NIWAKI_LIBS_DATA_BLANK_H_
#define NIWAKI_LIBS_DATA_BLANK_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/data/example_set.h"

namespace niwaki::data {

// Whether no channel of `example` [channels, height, width] varies by more than one step. A log-mel
// picture is so when nothing in the clip rises above the front end's floor.
bool IsBlank(absl::Span<const uint8_t> example, int channels);

struct BlankOptions {
  // The most that may be blank of the examples that should not be; 0 to 1.
  double max_share = 0.05;
  // Leave them out instead.
  bool skip = false;
};

// Counts blank examples of `set` and names their files in its report, where it has one. Those of
// classes that mean silence (`silence`, `_silence_`, `background`, `_background_`) are no fault and
// not counted. With `skip` they leave the set, counted all the same: a file of which no example is
// left is a bad one, too.
// InvalidArgument with FILE_MALFORMED, an item for each, above `max_share`.
absl::Status SettleBlank(const BlankOptions& options, ExampleSet& set);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_BLANK_H_
