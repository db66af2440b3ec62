#include "libs/data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/file_writer.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/quantise.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::data {
namespace {

constexpr int kWavesPerPattern = 3;
constexpr double kTwoPi = 2 * 3.14159265358979323846;
constexpr double kMaxMove = 0.08;
// A pattern's deviation in steps of a byte, around 128.
constexpr double kContrast = 30;
constexpr uint64_t kPatternStream = 1000;

struct Wave {
  double per_height;
  double per_width;
  double phase;
};
using Pattern = std::vector<Wave>;

// A pattern per class and channel.
std::vector<Pattern> MakePatterns(const SyntheticOptions& options) {
  Random random(DeriveSeed(options.seed, kPatternStream));
  std::vector<Pattern> patterns(options.classes * options.channels, Pattern(kWavesPerPattern));
  for (Pattern& pattern : patterns) {
    for (Wave& wave : pattern) {
      wave = {1 + 2 * random.UniformDouble(), 6 * random.UniformDouble() - 3,
              kTwoPi * random.UniformDouble()};
    }
  }
  return patterns;
}

void AppendExample(const SyntheticOptions& options, const std::vector<Pattern>& patterns, int label,
                   Random& random, std::vector<uint8_t>& out) {
  const double move_y = kMaxMove * (2 * random.UniformDouble() - 1);
  const double move_x = kMaxMove * (2 * random.UniformDouble() - 1);
  for (int c = 0; c < options.channels; ++c) {
    const Pattern& pattern = patterns[label * options.channels + c];
    for (int y = 0; y < options.height; ++y) {
      for (int x = 0; x < options.width; ++x) {
        double value = options.noise * random.Normal();
        for (const Wave& wave : pattern) {
          const double turns =
              wave.per_height * (y / static_cast<double>(options.height) + move_y) +
              wave.per_width * (x / static_cast<double>(options.width) + move_x);
          value += std::sin(kTwoPi * turns + wave.phase) * std::sqrt(2.0 / kWavesPerPattern);
        }
        const double byte = std::nearbyint(128 + kContrast * value);
        out.push_back(static_cast<uint8_t>(std::clamp(byte, 0.0, 255.0)));
      }
    }
  }
}

}  // namespace

absl::Status SyntheticOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("classes", classes, 1, 1000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("channels", channels, 1, 16));
  NIWAKI_RETURN_IF_ERROR(CheckRange("height", height, 4, 512));
  NIWAKI_RETURN_IF_ERROR(CheckRange("width", width, 4, 512));
  for (Split split : kAllSplits) {
    NIWAKI_RETURN_IF_ERROR(CheckRange(absl::StrCat("sizes.", SplitName(split)),
                                      sizes[static_cast<int>(split)], 0, 1000000));
  }
  NIWAKI_RETURN_IF_ERROR(CheckRange("noise", noise, 0, 100));
  return CheckRange("out.size", out.size(), 1, 4096);
}

absl::Status GenerateSynthetic(const SyntheticOptions& options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.out));
  Metadata metadata;
  metadata.name = options.name;
  for (int c = 0; c < options.classes; ++c)
    metadata.class_names.push_back(absl::StrCat("class", c));
  metadata.channels = options.channels;
  metadata.height = options.height;
  metadata.width = options.width;
  metadata.sizes = options.sizes;
  metadata.attributes["generator"] = "synthetic";
  metadata.attributes["seed"] = absl::StrCat(options.seed);
  const std::vector<Pattern> patterns = MakePatterns(options);
  std::array<SplitColumns, kSplitCount> columns;
  std::array<SplitView, kSplitCount> views;
  for (int s = 0; s < kSplitCount; ++s) {
    Random random(DeriveSeed(options.seed, s));
    for (int64_t i = 0; i < options.sizes[s]; ++i) {
      const int label = static_cast<int>(i % options.classes);
      columns[s].labels.push_back(static_cast<uint16_t>(label));
      AppendExample(options, patterns, label, random, columns[s].examples);
    }
    views[s] = columns[s].View();
  }
  SetNormalisation(columns[0].examples, metadata);
  return WritePrepared(options.out, metadata, views);
}

}  // namespace niwaki::data
