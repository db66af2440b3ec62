#include "libs/tensorfile/tensor.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace niwaki::tensorfile {
namespace {

struct DtypeRow {
  Dtype dtype;
  const char* name;
  int64_t bytes;
};

// In the order of the enumeration.
constexpr DtypeRow kDtypes[] = {
    {Dtype::kBool, "BOOL", 1}, {Dtype::kU8, "U8", 1},     {Dtype::kI8, "I8", 1},
    {Dtype::kI16, "I16", 2},   {Dtype::kI32, "I32", 4},   {Dtype::kI64, "I64", 8},
    {Dtype::kF16, "F16", 2},   {Dtype::kBF16, "BF16", 2}, {Dtype::kF32, "F32", 4},
    {Dtype::kF64, "F64", 8},
};

}  // namespace

absl::string_view DtypeName(Dtype dtype) { return kDtypes[static_cast<int>(dtype)].name; }

int64_t DtypeBytes(Dtype dtype) { return kDtypes[static_cast<int>(dtype)].bytes; }

std::optional<Dtype> ParseDtype(absl::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (name == row.name) return row.dtype;
  }
  return std::nullopt;
}

std::optional<int64_t> CountElements(const std::vector<int64_t>& shape) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 16;
  int64_t count = 1;
  for (const int64_t dimension : shape) {
    if (dimension < 0 || (dimension > 0 && count > kMost / dimension)) return std::nullopt;
    count *= dimension;
  }
  return count;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

std::string Describe(const TensorView& tensor) {
  return absl::StrCat(DtypeName(tensor.dtype), " ", ShapeText(tensor.shape));
}

}  // namespace niwaki::tensorfile
