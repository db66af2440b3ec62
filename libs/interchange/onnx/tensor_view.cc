#include "libs/interchange/onnx/tensor_view.h"

#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace niwaki::interchange {

std::string SizesText(const std::vector<int64_t>& sizes) {
  return absl::StrCat("[", absl::StrJoin(sizes, ","), "]");
}

std::vector<int> TensorView::UsualOrder(int axes) {
  if (axes == 4) return {0, 2, 3, 1};
  if (axes == 3) return {0, 2, 1};
  std::vector<int> order(axes);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

arch::TensorShape TensorView::UsualShape(const std::vector<int64_t>& sizes) {
  const auto size = [&sizes](size_t axis) { return static_cast<int>(sizes[axis]); };
  switch (sizes.size()) {
    case 0:
      return {1, 1, 1};
    case 1:
      return {1, 1, size(0)};
    case 2:
      return {1, 1, size(1)};
    case 3:
      return {1, size(2), size(1)};
    default:
      return {size(2), size(3), size(1)};
  }
}

TensorView TensorView::Usual(const std::vector<int64_t>& sizes) {
  TensorView view;
  view.sizes_ = sizes;
  view.factors_.resize(sizes.size());
  const std::vector<int> order = UsualOrder(static_cast<int>(sizes.size()));
  int64_t stride = 1;
  for (size_t i = order.size(); i-- > 0;) {
    const int64_t size = sizes[order[i]];
    if (size > 1) view.factors_[order[i]] = {{size, stride}};
    stride *= size;
  }
  return view;
}

TensorView TensorView::Transposed(const std::vector<int>& order) const {
  TensorView view;
  for (const int axis : order) {
    view.sizes_.push_back(sizes_[axis]);
    view.factors_.push_back(factors_[axis]);
  }
  return view;
}

std::vector<TensorView::Factor> TensorView::InOrder(const std::vector<int>& order) const {
  std::vector<Factor> merged;
  for (const int axis : order) {
    for (const Factor& factor : factors_[axis]) {
      if (!merged.empty() && merged.back().stride == factor.size * factor.stride) {
        merged.back() = {merged.back().size * factor.size, factor.stride};
      } else {
        merged.push_back(factor);
      }
    }
  }
  return merged;
}

bool TensorView::IsPlain(const std::vector<int>& order) const { return InOrder(order).size() <= 1; }

std::optional<TensorView> TensorView::Reshaped(const std::vector<int64_t>& sizes) const {
  std::vector<int> all(sizes_.size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<Factor> left = InOrder(all);
  size_t next = 0;
  TensorView view;
  view.sizes_ = sizes;
  view.factors_.resize(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    int64_t wanted = sizes[i];
    while (wanted > 1) {
      if (next >= left.size()) return std::nullopt;
      Factor& factor = left[next];
      if (wanted % factor.size == 0) {
        view.factors_[i].push_back(factor);
        wanted /= factor.size;
        ++next;
      } else if (factor.size % wanted == 0) {
        factor.size /= wanted;
        view.factors_[i].push_back({wanted, factor.size * factor.stride});
        wanted = 1;
      } else {
        return std::nullopt;
      }
    }
  }
  return view;
}

}  // namespace niwaki::interchange
