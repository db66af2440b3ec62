#include "libs/supernet/scoring/images.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/batch.h"
#include "libs/supernet/torch_guard.h"

namespace niwaki::supernet {
namespace {

absl::Status Mismatch(absl::string_view field, int64_t value, int64_t limit) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(
          absl::StrCat("the data has ", value, " ", field, ", the search space wants ", limit));
}

}  // namespace

absl::StatusOr<LabelledImages> LoadImages(const data::PreparedData& data, data::Split split,
                                          absl::Span<const int64_t> indices,
                                          const arch::Resolution& resolution) {
  return GuardTorch("load images", [&]() -> absl::StatusOr<LabelledImages> {
    LabelledImages loaded;
    const int64_t count = static_cast<int64_t>(indices.size());
    loaded.images = at::empty(
        {count, data.metadata().channels, resolution.height, resolution.width}, at::kFloat);
    loaded.labels.resize(count);
    NIWAKI_RETURN_IF_ERROR(data::FillBatch(data, split, indices, resolution.height,
                                           resolution.width, loaded.images.data_ptr<float>(),
                                           loaded.labels.data()));
    loaded.images = loaded.images.contiguous(at::MemoryFormat::ChannelsLast);
    return loaded;
  });
}

absl::StatusOr<LabelledImages> LoadFirstImages(const data::PreparedData& data, data::Split split,
                                               int64_t count, const arch::Resolution& resolution) {
  const int64_t available = data.size(split);
  std::vector<int64_t> indices(count == 0 ? available : std::min(count, available));
  std::iota(indices.begin(), indices.end(), 0);
  return LoadImages(data, split, indices, resolution);
}

absl::Status CheckDataFits(const arch::SearchSpace& space, const data::PreparedData& data) {
  if (data.metadata().channels != space.input_channels()) {
    return Mismatch("channels", data.metadata().channels, space.input_channels());
  }
  if (data.num_classes() != space.num_classes()) {
    return Mismatch("classes", data.num_classes(), space.num_classes());
  }
  return absl::OkStatus();
}

}  // namespace niwaki::supernet
