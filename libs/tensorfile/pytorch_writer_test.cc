#include "libs/tensorfile/pytorch_writer.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/pytorch_file.h"

namespace niwaki::tensorfile {
namespace {

NamedTensors Tensors(absl::string_view data) {
  return {{"z.weight", {Dtype::kF32, {2, 1, 3}, data.substr(0, 24)}},
          {"a.steps", {Dtype::kI64, {}, data.substr(0, 8)}},
          {"empty", {Dtype::kF16, {0, 4}, ""}},
          {"flags", {Dtype::kBool, {3}, data.substr(1, 3)}}};
}

TEST(PyTorchWriterTest, ReaderReadsWhatWasWritten) {
  const std::string data("\1\0\1\1\5\6\7\10abcdefghijklmnopqrstuvwxyz", 32);

  for (const std::string key : {"", "state_dict"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializeStateDict(Tensors(data), key));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(bytes, "f"));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap read, file->StateDict());

    ASSERT_EQ(read.size(), 4u);
    for (const auto& [name, tensor] : Tensors(data)) {
      EXPECT_EQ(Describe(read.at(name)), Describe(tensor));
      EXPECT_EQ(read.at(name).bytes, tensor.bytes) << name;
    }
    EXPECT_EQ(file->root().Find("state_dict") != nullptr, key == "state_dict");
  }
}

TEST(PyTorchWriterTest, KeepsTheOrderAndIsReproducible) {
  const std::string data(32, 'x');
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializeStateDict(Tensors(data), ""));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(bytes, "f"));

  ASSERT_EQ(file->root().entries.size(), 4u);
  EXPECT_EQ(file->root().entries[0].first->text, "z.weight");
  EXPECT_EQ(file->root().entries[3].first->text, "flags");
  EXPECT_EQ(bytes, *SerializeStateDict(Tensors(data), ""));
}

// What the loader of PyTorch asks of the archive, byte by byte.
TEST(PyTorchWriterTest, ArchiveIsLaidOutAsPyTorchReadsIt) {
  const std::string data(4, '\7');
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                              SerializeStateDict({{"t", {Dtype::kF32, {1}, data}}}, "", "net"));

  // Local header, then the name, then padding that brings the content to a multiple of 64.
  EXPECT_EQ(bytes.substr(0, 4), "PK\3\4");
  EXPECT_EQ(bytes.substr(30, 12), "net/data.pkl");
  EXPECT_EQ(bytes.substr(42, 2), "FB");
  EXPECT_EQ(bytes.substr(64, 3), absl::string_view("\x80\2c", 3));
  EXPECT_EQ(bytes.find(data) % 64, 0u);
  EXPECT_NE(bytes.find("net/version"), std::string::npos);
}

TEST(PyTorchWriterTest, SharedBytesOfTooManyTensorsAreRefused) {
  const std::string data(1 << 20, '\0');
  NamedTensors tensors;
  for (int i = 0; i < 4096; ++i) tensors.push_back({"t", {Dtype::kU8, {1 << 20}, data}});

  EXPECT_THAT(SerializeStateDict(tensors, ""),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

}  // namespace
}  // namespace niwaki::tensorfile
