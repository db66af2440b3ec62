#include "libs/engine/sensor/picture_levels.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/multiplier.h"

namespace niwaki::engine {

absl::StatusOr<std::vector<int8_t>> PictureLevels(const Sensor& sensor,
                                                  const arch::TensorShape& shape,
                                                  const Quantisation& input) {
  NIWAKI_RETURN_IF_ERROR(Validate(sensor));
  NIWAKI_CHECK(sensor.picture() != nullptr);
  const PictureSensor& picture = *sensor.picture();
  const int channels = static_cast<int>(picture.mean.size());
  if (shape.channels != channels) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("channels")
        .Value(channels)
        .Limit(shape.channels)
        .Message(absl::StrCat("the pictures have ", channels, " channels, the network's input ",
                              shape.channels));
  }
  std::vector<int8_t> levels;
  for (int c = 0; c < channels; ++c) {
    for (int byte = 0; byte < 256; ++byte) {
      // As batches for training are normalised (libs/data/prepared/batch.cc).
      const double real = picture.scale * byte + picture.offset;
      const float value = static_cast<float>((real - picture.mean[c]) / picture.stddev[c]);
      levels.push_back(static_cast<int8_t>(
          std::clamp(LevelOf(value, input.scale, input.zero_point), -128, 127)));
    }
  }
  return levels;
}

}  // namespace niwaki::engine
