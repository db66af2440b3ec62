// TensorView: where the axes of an ONNX value lie in the memory of a tensor of ours.
//
// ONNX holds images as [1, C, H, W], our tensors lie as [H, W, C]. Transposes and reshapes of a
// value move nothing as long as a view can say what they mean, so that what an exporter puts
// around a layer to change its layout leaves no operator behind.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_TENSOR_VIEW_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_TENSOR_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/arch/graph.h"

namespace niwaki::interchange {

// "[1,3,96,96]".
std::string SizesText(const std::vector<int64_t>& sizes);

class TensorView {
 public:
  // `size` positions, `stride` elements apart.
  struct Factor {
    int64_t size = 1;
    int64_t stride = 1;

    friend bool operator==(const Factor& a, const Factor& b) {
      return a.size == b.size && a.stride == b.stride;
    }
  };

  // An empty list of axes: one element.
  TensorView() = default;

  // Axes of these sizes, each at least 1, in memory in the order of UsualOrder.
  static TensorView Usual(const std::vector<int64_t>& sizes);

  // In which order memory holds the axes of a value with so many, outermost first: of four the
  // batch, height, width, channels (0, 2, 3, 1), of three 0, 2, 1, else as they stand.
  static std::vector<int> UsualOrder(int axes);

  // Height, width and channels of a tensor that holds a value of these sizes, up to four, in the
  // usual order; the batch is 1.
  static arch::TensorShape UsualShape(const std::vector<int64_t>& sizes);

  const std::vector<int64_t>& sizes() const { return sizes_; }
  int axes() const { return static_cast<int>(sizes_.size()); }

  // Axis i is axis order[i] of this one; `order` is a permutation.
  TensorView Transposed(const std::vector<int>& order) const;

  // The same elements in the same order, seen as axes of other sizes whose product is the same;
  // nullopt where a new axis would begin within a stretch of memory that it cannot halve.
  std::optional<TensorView> Reshaped(const std::vector<int64_t>& sizes) const;

  // The axes of `order` one inside the other, as few factors as say it: none for one element, one
  // of stride 1 where memory holds them in just this order.
  std::vector<Factor> InOrder(const std::vector<int>& order) const;

  // Whether memory holds the axes of `order` in this order.
  bool IsPlain(const std::vector<int>& order) const;

 private:
  std::vector<int64_t> sizes_;
  // By axis, outermost first; sizes of 1 have none.
  std::vector<std::vector<Factor>> factors_;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_TENSOR_VIEW_H_
