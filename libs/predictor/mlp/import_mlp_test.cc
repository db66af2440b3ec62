#include "libs/predictor/mlp/import_mlp.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/crc32.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

using ::testing::ElementsAre;

// A network of layers 3 → 2 → 1 as raw numbers with their description.
class ImportMlpTest : public ::testing::Test {
 protected:
  ImportMlpTest() {
    Add("10.weight", {1, 2}, {10, 20});
    Add("2.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
    Add("2.bias", {2}, {0.5, -100});
    Add("base_acc", {1}, {0.25});
  }

  void Add(const std::string& name, const std::vector<int64_t>& shape,
           const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    index_["tensors"].push_back(Json{{"name", name},
                                     {"offset", data_.size()},
                                     {"nbytes", bytes.size()},
                                     {"shape", shape},
                                     {"dtype", "float32"},
                                     {"crc32", absl::StrFormat("%08x", Crc32(bytes))}});
    data_ += bytes;
  }

  absl::StatusOr<ImportedMlp> Import() const {
    const std::string path = absl::StrCat(::testing::TempDir(), "/net");
    EXPECT_THAT(WriteFileAtomically(path + ".bin", data_), IsOk());
    EXPECT_THAT(WriteFileAtomically(path + ".index.json", index_.dump()), IsOk());
    return ImportMlp(path + ".index.json");
  }

  Json index_ = {{"tensors", Json::array()}};
  std::string data_;
};

TEST_F(ImportMlpTest, LayersAreOrderedByNumber) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedMlp imported, Import());

  EXPECT_EQ(imported.offset, 0.25);
  EXPECT_THAT(imported.mapped, ElementsAre("2.weight [2,3] → layer 0", "2.bias [2] → layer 0",
                                           "10.weight [1,2] → layer 1"));
  std::vector<float> output(1);
  imported.mlp.Forward({{0, 2}, {2}}, absl::MakeSpan(output));
  // 10 * (1 + 3 + 0.5), the other unit is below 0.
  EXPECT_EQ(output[0], 45);
}

TEST_F(ImportMlpTest, TensorWithoutPlaceIsNamed) {
  Add("2.running_mean", {2}, {0, 0});

  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kInvalidArgument,
                                 "tensor 2.running_mean is F32 [2], it must be the .weight"));
}

TEST_F(ImportMlpTest, WrongShapesAreNamed) {
  index_["tensors"][2]["shape"] = {1, 2};
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kInvalidArgument,
                                 "tensor 2.bias is F32 [1,2], it must be F32 [2]"));

  index_["tensors"][2]["shape"] = {2};
  index_["tensors"][0]["shape"] = {2, 1};
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kInvalidArgument, "layers[1].inputs is 1"));
}

TEST_F(ImportMlpTest, DamageIsFound) {
  const std::string good = data_;
  data_[5] ^= 1;
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kDataLoss, "10.weight has another checksum"));

  data_ = good.substr(0, good.size() - 1);
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kDataLoss, "base_acc ends at byte"));

  data_ = good;
  index_["tensors"][0]["nbytes"] = 4;
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kDataLoss, "of shape [1,2] has 4 bytes"));

  index_["tensors"][0].erase("crc32");
  EXPECT_THAT(Import(), StatusIs(absl::StatusCode::kInvalidArgument, "crc32"));
}

TEST_F(ImportMlpTest, OtherFilesAreRefused) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/other.pth");
  ASSERT_THAT(WriteFileAtomically(path, "text"), IsOk());

  EXPECT_FALSE(ImportMlp(path).ok());
  EXPECT_THAT(ImportMlp("absent.index.json"), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::predictor
