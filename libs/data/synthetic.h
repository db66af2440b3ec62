// A tiny data set that needs no tool and no files: for tests of training and for trying the
// commands out.

#ifndef NIWAKI_LIBS_DATA_SYNTHETIC_H_
#define NIWAKI_LIBS_DATA_SYNTHETIC_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Each class is a fixed, smooth pattern of waves; an example is its class's pattern, moved a
// little, under noise.
struct SyntheticOptions {
  std::string name = "synthetic";
  int classes = 4;
  int channels = 3;
  int height = 16;
  int width = 16;
  std::array<int64_t, kSplitCount> sizes = {256, 64, 64, 64};
  // Deviation of the noise as a part of the pattern's; 0.5 is easy, 3 is hard.
  double noise = 0.5;
  uint64_t seed = 1;
  std::string out;

  // InvalidArgument: classes in [1, 1000], channels in [1, 16], sides in [4, 512], sizes in [0,
  // 1,000,000], noise in [0, 100], `out` not empty.
  absl::Status Validate() const;
};

// Writes `options.out` atomically; the same options give the same file.
absl::Status GenerateSynthetic(const SyntheticOptions& options);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_SYNTHETIC_H_
