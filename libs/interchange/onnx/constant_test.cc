#include "libs/interchange/onnx/constant.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

onnx::TensorProto Tensor(int type, const std::vector<int64_t>& sizes, const std::string& raw) {
  onnx::TensorProto tensor;
  tensor.set_name("w");
  tensor.set_data_type(type);
  for (const int64_t size : sizes) tensor.add_dims(size);
  tensor.set_raw_data(raw);
  return tensor;
}

std::string ErrorOf(const onnx::TensorProto& tensor) {
  return std::string(ReadConstant(tensor).status().message());
}

TEST(OnnxConstantTest, RawBytesAreValuesOfTheType) {
  const auto levels = ReadConstant(Tensor(onnx::TensorProto::UINT8, {3}, {"\x00\x80\xff", 3}));
  NIWAKI_ASSERT_OK(levels);
  EXPECT_THAT(levels->integers, ElementsAre(-128, 0, 127));
  const auto bytes = ReadConstant(Tensor(onnx::TensorProto::INT8, {2}, "\x7f\xff"));
  NIWAKI_ASSERT_OK(bytes);
  EXPECT_THAT(bytes->integers, ElementsAre(127, -1));
}

TEST(OnnxConstantTest, ListsAreReadToo) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_float_data(0.5F);
  const auto scalar = ReadConstant(tensor);
  NIWAKI_ASSERT_OK(scalar);
  EXPECT_THAT(scalar->floats, ElementsAre(0.5F));
  EXPECT_TRUE(scalar->is_real());
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(2);
  tensor.add_int64_data(-1);
  tensor.add_int64_data(std::numeric_limits<int64_t>::max());
  const auto shape = ReadConstant(tensor);
  NIWAKI_ASSERT_OK(shape);
  EXPECT_THAT(shape->integers, ElementsAre(-1, std::numeric_limits<int32_t>::max()));
}

TEST(OnnxConstantTest, WhatIsNotWholeIsRefusedByName) {
  EXPECT_THAT(ErrorOf(Tensor(onnx::TensorProto::FLOAT, {2}, "abc")),
              HasSubstr("constant \"w\": the constant is not whole (bytes 3, read: 8)"));
  EXPECT_THAT(ErrorOf(Tensor(onnx::TensorProto::INT8, {int64_t{1} << 40, int64_t{1} << 40}, "")),
              HasSubstr("no usable size"));
  EXPECT_THAT(ErrorOf(Tensor(onnx::TensorProto::INT8, {-1}, "")), HasSubstr("sizes [-1]"));
  EXPECT_THAT(ErrorOf(Tensor(onnx::TensorProto::DOUBLE, {1}, "12345678")),
              HasSubstr("not read (type 11, read: FLOAT, INT8, UINT8, INT32, INT64)"));
}

TEST(OnnxConstantTest, DataOfAnotherFileAreRefused) {
  onnx::TensorProto tensor = Tensor(onnx::TensorProto::INT8, {1}, "a");
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_THAT(ErrorOf(tensor), HasSubstr("the values lie in another file"));
}

TEST(OnnxConstantTest, TransposeMovesValuesAndTheAxisOfScales) {
  Constant constant;
  constant.type = ConstantType::kInt8;
  constant.sizes = {2, 3};
  constant.integers = {1, 2, 3, 4, 5, 6};
  constant.axis = 1;
  const Constant transposed = Transposed(constant, {1, 0});
  EXPECT_THAT(transposed.sizes, ElementsAre(3, 2));
  EXPECT_THAT(transposed.integers, ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_EQ(transposed.axis, 0);
}

}  // namespace
}  // namespace niwaki::interchange
