// A named tensor in a file, as its bytes: what readers and writers of every format here exchange.

#ifndef NIWAKI_LIBS_TENSORFILE_TENSOR_H_
#define NIWAKI_LIBS_TENSORFILE_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::tensorfile {

// Bool is one byte, 0 or 1.
enum class Dtype { kBool, kU8, kI8, kI16, kI32, kI64, kF16, kBF16, kF32, kF64 };

// "BOOL", "U8", "I8", "I16", "I32", "I64", "F16", "BF16", "F32", "F64".
absl::string_view DtypeName(Dtype dtype);
// The dtype of such a name.
std::optional<Dtype> ParseDtype(absl::string_view name);
int64_t DtypeBytes(Dtype dtype);

// No tensor read or written has more dimensions.
inline constexpr size_t kMaxDimensions = 8;

struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  // Borrowed; elements row-major without gaps, little-endian, not aligned.
  absl::string_view bytes;
};

// Elements of a tensor of this shape, or nothing where a dimension is negative or the number too
// large for its bytes to be counted in 64 bits.
std::optional<int64_t> CountElements(const std::vector<int64_t>& shape);

// "[16,1,3,3]".
std::string ShapeText(const std::vector<int64_t>& shape);
// "F32 [16,1,3,3]".
std::string Describe(const TensorView& tensor);

using TensorMap = std::map<std::string, TensorView>;
using MetadataMap = std::map<std::string, std::string>;

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_TENSOR_H_
