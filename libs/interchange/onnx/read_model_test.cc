#include "libs/interchange/onnx/read_model.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/test_reading.h"

namespace niwaki::interchange {
namespace {

using ::testing::HasSubstr;

TEST(ReadOnnxTest, DamagedFilesAreRefused) {
  EXPECT_THAT(ErrorOf("what is this?"), HasSubstr("this is no ONNX file"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("names no operator set"));
  const std::string file = ConvolutionOnnx().Pack();
  for (const size_t size : {file.size() - 1, file.size() / 2, size_t{3}}) {
    EXPECT_FALSE(ReadOnnx(file.substr(0, size)).ok()) << size;
  }
}

TEST(ReadOnnxTest, OtherOpsetsAreNamed) {
  EXPECT_THAT(ErrorAfter([](auto& model) { model.mutable_opset_import(0)->set_version(11); }),
              HasSubstr("opset 11; opsets 13 to 17 are read"));
  EXPECT_THAT(ErrorAfter([](auto& model) { model.mutable_opset_import(0)->set_version(18); }),
              HasSubstr("opset 18"));
}

TEST(ReadOnnxTest, OperatorsThatAreNotReadAreNamedByIndexAndName) {
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_node(3)->set_op_type("ConvTranspose");
                model.mutable_graph()->mutable_node(3)->set_name("up/Conv");
              }),
              HasSubstr("node 3 (ConvTranspose up/Conv): the operator is not read"));
  EXPECT_THAT(ErrorAfter([](auto& model) {
                model.mutable_graph()->mutable_node(3)->set_domain("com.example");
              }),
              HasSubstr("com.example.Conv"));
}

}  // namespace
}  // namespace niwaki::interchange
