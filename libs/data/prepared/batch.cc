#include "libs/data/prepared/batch.h"

#include <array>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/data/image/photo.h"
#include "libs/data/image/resize.h"

namespace niwaki::data {
namespace {

constexpr int kMaxSide = 4096;

absl::Status Check(const PreparedData& data, Split split, absl::Span<const int64_t> indices,
                   int height, int width) {
  for (size_t k = 0; k < indices.size(); ++k) {
    if (indices[k] >= 0 && indices[k] < data.size(split)) continue;
    return CheckRange(absl::StrCat(SplitName(split), "[", k, "]"), indices[k], 0, data.size(split),
                      Ends::kHighOpen);
  }
  NIWAKI_RETURN_IF_ERROR(CheckRange("height", height, 1, kMaxSide));
  return CheckRange("width", width, 1, kMaxSide);
}

// Turns stored elements into normalised floats.
class Normaliser {
 public:
  explicit Normaliser(const Metadata& metadata)
      : metadata_(metadata), plane_(int64_t{metadata.height} * metadata.width) {
    if (metadata.element_type == ElementType::kFloat32) return;
    tables_.resize(metadata.channels);
    for (int c = 0; c < metadata.channels; ++c) {
      for (int byte = 0; byte < 256; ++byte) {
        const bool is_signed = metadata.element_type == ElementType::kInt8;
        tables_[c][byte] = Normalise(c, is_signed ? static_cast<int8_t>(byte) : byte);
      }
    }
  }

  // `bytes` of one example → `out` [C, H, W].
  void Run(absl::Span<const uint8_t> bytes, float* out) const {
    for (int c = 0; c < metadata_.channels; ++c) {
      for (int64_t i = c * plane_; i < (c + 1) * plane_; ++i) {
        if (tables_.empty()) {
          float element;
          std::memcpy(&element, bytes.data() + i * sizeof(element), sizeof(element));
          out[i] = Normalise(c, element);
        } else {
          out[i] = tables_[c][bytes[i]];
        }
      }
    }
  }

 private:
  float Normalise(int channel, double element) const {
    const double real = metadata_.scale * element + metadata_.offset;
    return static_cast<float>((real - metadata_.mean[channel]) / metadata_.stddev[channel]);
  }

  const Metadata& metadata_;
  const int64_t plane_;
  // Every byte's value, per channel; empty for float32.
  std::vector<std::array<float, 256>> tables_;
};

absl::Status Fill(const PreparedData& data, Split split, absl::Span<const int64_t> indices,
                  int height, int width, const AugmentOptions* augment, uint64_t seed, float* out,
                  int64_t* labels) {
  NIWAKI_RETURN_IF_ERROR(Check(data, split, indices, height, width));
  const Metadata& metadata = data.metadata();
  const Normaliser normaliser(metadata);
  Resizer resizer(metadata.height, metadata.width, height, width);
  std::vector<float> example(metadata.ElementsPerExample());
  const int64_t in_plane = int64_t{metadata.height} * metadata.width;
  const int64_t out_plane = int64_t{height} * width;
  for (size_t k = 0; k < indices.size(); ++k) {
    normaliser.Run(data.example(split, indices[k]), example.data());
    if (labels != nullptr) labels[k] = data.label(split, indices[k]);
    if (augment != nullptr && augment->photo && !metadata.front_end.has_value()) {
      AugmentPhoto(metadata, {}, DeriveSeed(seed, indices[k]), example, height, width, out);
      out += metadata.channels * out_plane;
      continue;
    }
    if (augment != nullptr) {
      Augment(metadata, *augment, DeriveSeed(seed, indices[k]), absl::MakeSpan(example));
    }
    for (int c = 0; c < metadata.channels; ++c, out += out_plane) {
      resizer.Resize(example.data() + c * in_plane, out);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FillBatch(const PreparedData& data, Split split, absl::Span<const int64_t> indices,
                       int height, int width, float* out, int64_t* labels) {
  return Fill(data, split, indices, height, width, nullptr, 0, out, labels);
}

absl::Status FillAugmentedBatch(const PreparedData& data, Split split,
                                absl::Span<const int64_t> indices, int height, int width,
                                const AugmentOptions& options, uint64_t seed, float* out,
                                int64_t* labels) {
  return Fill(data, split, indices, height, width, &options, seed, out, labels);
}

}  // namespace niwaki::data
