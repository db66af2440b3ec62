// The padding that a file must say for windows that a graph has.

#ifndef NIWAKI_LIBS_INTERCHANGE_WINDOW_FIT_H_
#define NIWAKI_LIBS_INTERCHANGE_WINDOW_FIT_H_

#include <cstdint>
#include <optional>

namespace niwaki::interchange {

// Cells behind an axis of `in` cells, with `before` cells of padding in front, so that windows of
// `kernel` cells every `stride` are `out`: `after`, which is the graph's, where it makes so many,
// else as few as the last window needs; nullopt where no padding does.
inline std::optional<int> PaddingBehind(int in, int out, int kernel, int stride, int before,
                                        int after) {
  const auto windows = [&](int64_t behind) {
    const int64_t padded = int64_t{in} + before + behind;
    return padded < kernel ? 0 : (padded - kernel) / stride + 1;
  };
  if (windows(after) == out) return after;
  const int64_t covered = (int64_t{out} - 1) * stride + kernel;
  const int64_t needed = covered - in - before;
  const int64_t least = needed < 0 ? 0 : needed;
  if (least > INT32_MAX || windows(least) != out) return std::nullopt;
  return static_cast<int>(least);
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_WINDOW_FIT_H_
