#include "libs/tensorfile/pytorch_file.h"

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/crc32.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/pickle/pickle_value.h"
#include "libs/tensorfile/pytorch_fixture.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/zip_reader.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
std::vector<T> ValuesOf(const TensorView& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

TEST(PyTorchFileTest, ReadsTensorsOfEveryKind) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(FixtureCheckpoint(), "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, file->StateDict());

  ASSERT_EQ(tensors.size(), 9u);
  EXPECT_EQ(Describe(tensors.at("module.whole")), "F32 [2,3]");
  EXPECT_THAT(ValuesOf<float>(tensors.at("module.whole")), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(ValuesOf<float>(tensors.at("module.parameter")), ElementsAre(1.5f, -2.5f));
  EXPECT_EQ(Describe(tensors.at("module.half")), "F16 [2]");
  EXPECT_THAT(ValuesOf<uint16_t>(tensors.at("module.half")), ElementsAre(0x3800, 0x3C00));
  EXPECT_EQ(Describe(tensors.at("module.bfloat")), "BF16 [2]");
  EXPECT_THAT(ValuesOf<uint16_t>(tensors.at("module.bfloat")), ElementsAre(0x3F80, 0xC000));
  EXPECT_EQ(Describe(tensors.at("module.double")), "F64 []");
  EXPECT_THAT(ValuesOf<double>(tensors.at("module.double")), ElementsAre(3.25));
  EXPECT_THAT(ValuesOf<int64_t>(tensors.at("module.steps")), ElementsAre(70000));
  EXPECT_EQ(Describe(tensors.at("module.flags")), "BOOL [3]");
  EXPECT_THAT(ValuesOf<uint8_t>(tensors.at("module.flags")), ElementsAre(1, 0, 1));
}

TEST(PyTorchFileTest, HonoursStridesAndOffsets) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(FixtureCheckpoint(), "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, file->StateDict());

  EXPECT_EQ(Describe(tensors.at("module.turned")), "F32 [3,2]");
  EXPECT_THAT(ValuesOf<float>(tensors.at("module.turned")), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(ValuesOf<float>(tensors.at("module.tail")), ElementsAre(4, 5));
}

TEST(PyTorchFileTest, KeepsOrdinaryValues) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(FixtureCheckpoint(), "f"));
  const PickleValue& root = file->root();

  EXPECT_EQ(root.Find("epoch")->integer, 7);
  EXPECT_EQ(root.Find("best")->real, 0.5);
  EXPECT_EQ(root.Find("name")->text, "\xC3\xA9");
  EXPECT_EQ(root.Find("big")->integer, int64_t{1} << 40);
  EXPECT_EQ(root.Find("low")->integer, -3);
  const PickleValue& extra = *root.Find("extra");
  ASSERT_EQ(extra.kind, PickleKind::kList);
  ASSERT_EQ(extra.items.size(), 3u);
  EXPECT_EQ(extra.items[1]->kind, PickleKind::kTuple);
  EXPECT_EQ(extra.items[1]->items[1]->kind, PickleKind::kNone);
  EXPECT_TRUE(extra.items[2]->Find("on")->boolean);
  EXPECT_EQ(extra.items[2]->entries[1].first->integer, 3);
}

TEST(PyTorchFileTest, MapsAFile) {
  const std::string path = ::testing::TempDir() + "/checkpoint.pth";
  ASSERT_THAT(WriteFileAtomically(path, FixtureCheckpoint()), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Open(path));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, file->StateDict());
  EXPECT_THAT(ValuesOf<float>(tensors.at("module.tail")), ElementsAre(4, 5));
}

TEST(PyTorchFileTest, ForeignClassIsRefusedNotExecuted) {
  const auto file = PyTorchFile::Parse(FixtureEvilCheckpoint(), "f");

  EXPECT_THAT(file, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(file.status().message(), HasSubstr("posix.system, which is refused"));
  EXPECT_FALSE(FileExists("executed"));
}

TEST(PyTorchFileTest, ForeignObjectsStayOpaque) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              PyTorchFile::Parse(FixtureTrainingCheckpoint(), "f"));
  const PickleValue& root = file->root();

  for (const auto& [key, name] :
       {std::make_pair("args", "argparse.Namespace"),
        std::make_pair("best", "numpy.core.multiarray.scalar"),
        std::make_pair("history", "numpy.core.multiarray._reconstruct"),
        std::make_pair("when", "datetime.datetime"), std::make_pair("words", "__builtin__.set"),
        std::make_pair("seed", "int"), std::make_pair("raw", "_codecs.encode")}) {
    ASSERT_NE(root.Find(key), nullptr) << key;
    EXPECT_EQ(root.Find(key)->kind, PickleKind::kOpaque) << key;
    EXPECT_TRUE(root.Find(key)->items.empty() && root.Find(key)->entries.empty()) << key;
  }
  EXPECT_EQ(root.Find("best")->text, "numpy.core.multiarray.scalar");
  EXPECT_EQ(root.Find("class")->kind, PickleKind::kGlobal);
  EXPECT_EQ(root.Find("epoch")->integer, 7);
  EXPECT_THAT(file->foreign(),
              ::testing::IsSupersetOf({"argparse.Namespace", "numpy.dtype", "torch.device"}));
}

TEST(PyTorchFileTest, LaterProtocolsAreRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              PyTorchFile::Parse(FixtureProtocolFourCheckpoint(), "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, file->StateDict());

  EXPECT_EQ(Describe(tensors.at("w.weight")), "F32 [2,2]");
  EXPECT_THAT(ValuesOf<float>(tensors.at("w.weight")), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ValuesOf<float>(tensors.at("w.bias")), ElementsAre(5, 6));
  const PickleValue& checkpoint = *file->root().Find("checkpoint");
  EXPECT_EQ(checkpoint.Find("raw")->kind, PickleKind::kOpaque);
  EXPECT_EQ(checkpoint.Find("words")->kind, PickleKind::kOpaque);
  EXPECT_EQ(checkpoint.Find("text")->text.size(), 300u);
}

TEST(PyTorchFileTest, FormatFromBeforeVersionOneSixIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(FixtureLegacyCheckpoint(), "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, file->StateDict());

  ASSERT_EQ(tensors.size(), 1u);
  const TensorView& w = tensors.at("w");
  EXPECT_EQ(w.dtype, Dtype::kF32);
  EXPECT_EQ(w.shape, std::vector<int64_t>{2});
  const float expected[] = {1.0F, 2.0F};
  ASSERT_EQ(w.bytes.size(), sizeof(expected));
  EXPECT_EQ(std::memcmp(w.bytes.data(), expected, sizeof(expected)), 0);
}

TEST(PyTorchFileTest, DamagedLegacyFilesAreErrors) {
  const std::string whole = FixtureLegacyCheckpoint();

  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(PyTorchFile::Parse(whole.substr(0, size), "f").ok()) << size;
  }
  EXPECT_THAT(PyTorchFile::Parse(whole + "x", "f"),
              StatusIs(absl::StatusCode::kDataLoss, "bytes follow the last storage"));
  // The number of elements stands 16 bytes before the end.
  std::string longer = whole;
  longer[whole.size() - 16] = 3;
  EXPECT_THAT(PyTorchFile::Parse(longer, "f"), StatusIs(absl::StatusCode::kDataLoss, "cut short"));
  std::string shorter = whole.substr(0, whole.size() - 4);
  shorter[whole.size() - 16] = 1;
  EXPECT_THAT(PyTorchFile::Parse(shorter, "f"),
              StatusIs(absl::StatusCode::kDataLoss, "has 4 bytes, not 2 elements"));
}

TEST(PyTorchFileTest, OtherBytesAreRefused) {
  EXPECT_THAT(PyTorchFile::Parse("something else", "f"),
              StatusIs(absl::StatusCode::kInvalidArgument, "not a checkpoint of PyTorch"));
}

TEST(PyTorchFileTest, EveryTruncationIsAnError) {
  const std::string whole = FixtureCheckpoint();

  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(PyTorchFile::Parse(whole.substr(0, size), "f").ok()) << size;
  }
}

// Every byte of the file matters, or does not change what is read.
TEST(PyTorchFileTest, MutationsAreErrorsOrHarmless) {
  constexpr int kRounds = 20000;
  const std::string whole = FixtureCheckpoint();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto original, PyTorchFile::Parse(whole, "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap expected, original->StateDict());
  Random random(20261126);

  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string mutated = whole;
    const int changes = 1 + static_cast<int>(random.Uniform(3));
    for (int i = 0; i < changes; ++i) {
      mutated[random.Uniform(mutated.size())] = static_cast<char>(random.Next());
    }
    const auto file = PyTorchFile::Parse(mutated, "f");
    if (!file.ok()) {
      ++refused;
      continue;
    }
    NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap tensors, (*file)->StateDict());
    ASSERT_EQ(tensors.size(), expected.size()) << "round " << round;
    for (const auto& [name, tensor] : expected) {
      ASSERT_EQ(tensors.at(name).bytes, tensor.bytes) << "round " << round << " " << name;
    }
  }

  EXPECT_GT(refused, kRounds / 4);
}

// The pickle alone is changed, and its checksum made right again.
TEST(PyTorchFileTest, MutatedPicklesAreErrorsOrWithinBounds) {
  constexpr int kRounds = 20000;
  constexpr size_t kDirectoryEntryBytes = 46;
  constexpr size_t kChecksumOffset = 16;
  const std::string whole = FixtureCheckpoint();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(whole, "f"));
  const ZipEntry pickle = zip.entries().at("archive/data.pkl");
  const size_t checksum = whole.rfind("archive/data.pkl") - kDirectoryEntryBytes + kChecksumOffset;
  Random random(20261127);

  int read = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string mutated = whole;
    const int changes = 1 + static_cast<int>(random.Uniform(3));
    for (int i = 0; i < changes; ++i) {
      mutated[pickle.offset + random.Uniform(pickle.size)] = static_cast<char>(random.Next());
    }
    const uint32_t crc = Crc32(absl::string_view(mutated).substr(pickle.offset, pickle.size));
    std::memcpy(&mutated[checksum], &crc, sizeof(crc));
    const auto file = PyTorchFile::Parse(mutated, "f");
    if (!file.ok()) continue;
    const auto tensors = (*file)->StateDict();
    if (!tensors.ok()) continue;
    ++read;
    for (const auto& [name, tensor] : *tensors) {
      ASSERT_EQ(tensor.bytes.size(), *CountElements(tensor.shape) * DtypeBytes(tensor.dtype))
          << "round " << round << " " << name;
    }
  }

  EXPECT_GT(read, kRounds / 100);
}

std::string OneTensor(const std::string& name) {
  const std::string data(8, '\1');
  return *SerializeStateDict({{name, {Dtype::kF32, {2}, data}}}, "");
}

TEST(PyTorchFileTest, NamesWithControlCharactersAreRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(OneTensor("a\nb"), "f"));

  EXPECT_THAT(file->StateDict(), StatusIs(absl::StatusCode::kInvalidArgument, "a\\nb"));
}

TEST(PyTorchFileTest, NoTensorsMeansNoStateDict) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializeStateDict({}, "weights"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PyTorchFile::Parse(bytes, "f"));

  EXPECT_THAT(file->StateDict(),
              StatusIs(absl::StatusCode::kInvalidArgument, "keys 'weights', not a state dict"));
}

TEST(PyTorchFileTest, StorageOfAnotherLengthIsAnError) {
  const std::string data(8, '\1');
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                              SerializeStateDict({{"t", {Dtype::kF32, {3}, data}}}, ""));

  EXPECT_THAT(PyTorchFile::Parse(bytes, "f"), StatusIs(absl::StatusCode::kDataLoss, "shape [3]"));
}

}  // namespace
}  // namespace niwaki::tensorfile
