#include "libs/tensorfile/tensor.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::tensorfile {
namespace {

TEST(TensorTest, DtypeNamesAreReadBack) {
  for (const Dtype dtype : {Dtype::kBool, Dtype::kU8, Dtype::kI8, Dtype::kI16, Dtype::kI32,
                            Dtype::kI64, Dtype::kF16, Dtype::kBF16, Dtype::kF32, Dtype::kF64}) {
    EXPECT_EQ(ParseDtype(DtypeName(dtype)), dtype);
  }
  EXPECT_EQ(ParseDtype("F8"), std::nullopt);
  EXPECT_EQ(DtypeName(Dtype::kBF16), "BF16");
  EXPECT_EQ(DtypeBytes(Dtype::kBF16), 2);
  EXPECT_EQ(DtypeBytes(Dtype::kF64), 8);
}

TEST(TensorTest, CountsElementsWithoutOverflow) {
  EXPECT_EQ(CountElements({}), 1);
  EXPECT_EQ(CountElements({2, 3}), 6);
  EXPECT_EQ(CountElements({int64_t{1} << 50, 0}), 0);
  EXPECT_EQ(CountElements({2, -1}), std::nullopt);
  EXPECT_EQ(CountElements({int64_t{1} << 40, int64_t{1} << 30}), std::nullopt);
}

TEST(TensorTest, IsDescribedByDtypeAndShape) {
  EXPECT_EQ(Describe({Dtype::kF16, {16, 1, 3}, ""}), "F16 [16,1,3]");
  EXPECT_EQ(Describe({Dtype::kI64, {}, ""}), "I64 []");
}

}  // namespace
}  // namespace niwaki::tensorfile
