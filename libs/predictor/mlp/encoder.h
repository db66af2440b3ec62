// Encoder: canonical subnets of one space as sparse one-hot rows, the input of a predictor.
//
// A row holds the columns that are 1, ascending; all others are 0. Blocks that the stage's depth
// switches off have no ones.
//
//   one_hot        a column for every choice of every gene that has more than one, in gene order;
//                  any space
//   ofa_mobilenet  OFA's MobileNetArchEncoder (once-for-all, nas/accuracy_predictor): resolution,
//                  then kernel_size of every elastic block, then expand_ratio of every block. Depth
//                  shows in what is absent. MobileNetV3 space: R + 120 columns; ProxylessNAS: R +
//                  126
//   ofa_tutorial   that of OFA's tutorial and of its published predictor, 128 columns: kernel_size
//                  of 20 blocks, expand_ratio of 20 blocks, then 8 columns for a resolution of
//                  112 + 16 i and the 15 sizes above it
//   ofa_resnet     OFA's ResNetArchEncoder: resolution, the stem's residual convolution (without,
//                  with), width_mult of each of the stem's two convolutions and of every stage,
//                  then expand_ratio of every block: R + 74 columns for ofa_resnet50

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_ENCODER_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_ENCODER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/genes.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::predictor {

enum class Encoding { kOneHot, kOfaMobileNet, kOfaTutorial, kOfaResNet };

// The name above.
absl::string_view EncodingName(Encoding encoding);
// InvalidArgument with reason ARGUMENT_INVALID lists the names.
absl::StatusOr<Encoding> EncodingFromName(absl::string_view name);

// Rows of ones: row i is columns[ends[i - 1]] up to columns[ends[i]], from 0 for the first.
struct SparseRows {
  std::vector<int32_t> columns;
  std::vector<int32_t> ends;

  int rows() const { return static_cast<int>(ends.size()); }
  absl::Span<const int32_t> row(int i) const {
    const int32_t begin = i == 0 ? 0 : ends[i - 1];
    return absl::MakeConstSpan(columns).subspan(begin, ends[i] - begin);
  }
  void clear() {
    columns.clear();
    ends.clear();
  }
};

// Immutable, thread-safe, and independent of the space once made.
class Encoder {
 public:
  // `resolutions` are those of the columns of ofa_mobilenet and ofa_resnet, ascending; empty for
  // the space's. Without meaning for the others. InvalidArgument with reason ARGUMENT_INVALID,
  // encoding and space named, where the encoding cannot tell the space's networks apart or has no
  // column for one of its choices.
  static absl::StatusOr<Encoder> Create(Encoding encoding, const arch::SearchSpace& space,
                                        const std::vector<int>& resolutions = {});

  Encoding encoding() const { return encoding_; }
  int columns() const { return columns_; }
  // The values of the resolution columns of ofa_mobilenet and ofa_resnet; empty for the others.
  const std::vector<int>& resolutions() const { return resolutions_; }

  // Appends the row of a canonical subnet of the space.
  void Append(const arch::Subnet& subnet, SparseRows& rows) const;

 private:
  // A gene that has columns.
  struct Gene {
    arch::GeneRole role;
    // By gene value.
    std::vector<int32_t> columns;
  };

  explicit Encoder(Encoding encoding) : encoding_(encoding) {}
  // Adds columns 0, 1, … after the last for the values of a gene.
  void AddGene(const arch::SearchSpace& space, int gene);
  // Adds a gene whose columns the caller fills in.
  Gene& AddEmptyGene(int gene);
  void AddKernelSizes(const arch::SearchSpace& space);
  void AddExpandRatios(const arch::SearchSpace& space);
  void AddOneHot(const arch::SearchSpace& space);
  absl::Status AddResolutions(const arch::SearchSpace& space);
  absl::Status AddTutorialResolutions(const arch::SearchSpace& space);

  Encoding encoding_;
  std::vector<int> resolutions_;
  int columns_ = 0;
  // Of every gene of the space.
  std::vector<arch::GeneRole> roles_;
  // In the order of their columns.
  std::vector<Gene> genes_;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_ENCODER_H_
