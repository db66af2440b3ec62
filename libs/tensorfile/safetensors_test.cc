#include "libs/tensorfile/safetensors.h"

#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::tensorfile {
namespace {

std::string File(const std::string& header, size_t data_bytes) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + std::string(data_bytes, '\0');
}

TEST(SafetensorsTest, ReadsWhatItWrites) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const absl::string_view bytes(reinterpret_cast<const char*>(values.data()), 24);
  TensorMap tensors;
  tensors["b"] = {Dtype::kF32, {2, 3}, bytes};
  tensors["a"] = {Dtype::kI64, {3}, bytes};
  tensors["scalar"] = {Dtype::kF32, {}, bytes.substr(0, 4)};

  const std::string file = SerializeSafetensors({{"who", "test"}}, tensors);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Safetensors read, Safetensors::Parse(file, "f"));

  EXPECT_EQ(read.metadata.at("who"), "test");
  ASSERT_EQ(read.tensors.size(), 3u);
  EXPECT_EQ(read.tensors.at("b").bytes, bytes);
  EXPECT_EQ(Describe(read.tensors.at("b")), "F32 [2,3]");
  EXPECT_EQ(Describe(read.tensors.at("a")), "I64 [3]");
  EXPECT_EQ(file, SerializeSafetensors({{"who", "test"}}, tensors));
}

TEST(SafetensorsTest, EveryTruncationIsAnError) {
  const std::string data(40, 'x');
  TensorMap tensors;
  tensors["t"] = {Dtype::kF32, {10}, data};
  const std::string file = SerializeSafetensors({}, tensors);

  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_THAT(Safetensors::Parse(absl::string_view(file).substr(0, size), "f"),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << size;
  }
}

struct BadCase {
  const char* header;
  size_t data_bytes;
  const char* message;
};

class SafetensorsBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(SafetensorsBadTest, IsRefusedWithPlace) {
  const std::string file = File(GetParam().header, GetParam().data_bytes);

  const auto read = Safetensors::Parse(file, "f");

  EXPECT_THAT(read, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(read, StatusIs(absl::StatusCode::kDataLoss, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Files, SafetensorsBadTest,
    ::testing::Values(
        BadCase{"[1]", 0, "not a JSON object"}, BadCase{"{", 0, "not JSON"},
        BadCase{R"({"t":3})", 0, "tensor t"},
        BadCase{R"({"t":{"dtype":"F8","shape":[1],"data_offsets":[0,2]}})", 2, "dtype \"F8\""},
        BadCase{R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "F32 [-1]"},
        BadCase{R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "F32 [2]"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "shape"},
        BadCase{R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0,
                "F32"},
        BadCase{R"({"t":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", 4,
                "shape"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4,
                "shape"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 4,
                "data_offsets [0,8)"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4,
                "data_offsets [4,0)"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "data_offsets"},
        BadCase{R"({"t":{"dtype":"F32","shape":[1]}})", 4, "data_offsets"},
        BadCase{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                12, "tensor b: begins at byte 4"},
        BadCase{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "begins at byte 4"},
        BadCase{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8,
                "end at byte 4 of 8"},
        BadCase{R"({"__metadata__":{"a":1}})", 0, "'a' is not a string"}));

TEST(SafetensorsTest, FilesOfOtherKindsAreSaidToBeSo) {
  EXPECT_THAT(
      Safetensors::Parse("supernet: kws\nseed: 1\n", "job.yaml"),
      StatusIs(absl::StatusCode::kDataLoss,
               "job.yaml: is text, not a safetensors file, as supernets and predictors are"));
  EXPECT_THAT(Safetensors::Parse(std::string("PK\x03\x04\0\0\0\0\0\0", 10), "f.pth"),
              StatusIs(absl::StatusCode::kDataLoss, "f.pth: is a zip archive"));
}

TEST(SafetensorsTest, AbsurdHeaderLengthIsAnError) {
  const std::string file(64, '\xff');

  EXPECT_THAT(Safetensors::Parse(file, "f"),
              StatusIs(absl::StatusCode::kDataLoss, "18446744073709551615"));
}

}  // namespace
}  // namespace niwaki::tensorfile
