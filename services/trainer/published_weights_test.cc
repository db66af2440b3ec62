// Published float weights, imported and quantised: int8 answers as floats do. Weights and photos
// lie in the folder that NIWAKI_SHARED names, under models and data.

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/data/example_set.h"
#include "libs/data/image/image_folder.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/interchange/tflite/read_model.h"
#include "services/trainer/run.h"

namespace niwaki::trainer {
namespace {

constexpr int kCalibration = 60;
constexpr int kTest = 100;

std::string Shared(absl::string_view path) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  EXPECT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  return absl::StrCat(shared == nullptr ? "" : shared, "/", path);
}

std::string Path(absl::string_view name) { return absl::StrCat(::testing::TempDir(), "/", name); }

// The first photos of vww01 as files of two classes that no ImageNet network has.
void UnpackPhotos(const std::string& folder) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string archive,
                              ReadFile(Shared("data/mlperf_tiny/vww01/vww01_bgr96_jpg.tar")));
  // Of tar: headers of 512 bytes with the name at 0 and the size, in octal, at 124.
  constexpr size_t kBlock = 512;
  constexpr size_t kSizeField = 124;
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/a"));
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/b"));
  int photos = 0;
  for (size_t at = 0; at + kBlock <= archive.size() && photos < kCalibration + kTest;) {
    const size_t size = std::strtoul(archive.c_str() + at + kSizeField, nullptr, 8);
    if (size > 0) {
      NIWAKI_ASSERT_OK(
          WriteFileAtomically(absl::StrCat(folder, photos % 2 == 0 ? "/a/" : "/b/", photos, ".jpg"),
                              archive.substr(at + kBlock, size)));
      ++photos;
    }
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  ASSERT_EQ(photos, kCalibration + kTest);
}

// As prepared data: calibration and test, the photos in turn.
void PreparePhotos(int side, const std::string& path) {
  UnpackPhotos(Path("photos"));
  data::ImageFolderOptions options;
  options.folder = Path("photos");
  options.height = options.width = side;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const data::ExampleSet set, data::ReadImageFolder(options, {}));
  std::array<data::SplitColumns, data::kSplitCount> columns;
  const int64_t bytes = set.BytesPerExample();
  for (int64_t i = 0; i < set.size(); ++i) {
    const bool calibrates = i * kCalibration / set.size() != (i + 1) * kCalibration / set.size();
    data::SplitColumns& to =
        columns[static_cast<int>(calibrates ? data::Split::kCalibration : data::Split::kTest)];
    to.examples.insert(to.examples.end(), set.examples.begin() + i * bytes,
                       set.examples.begin() + (i + 1) * bytes);
    to.labels.push_back(set.labels[i]);
  }
  data::Metadata metadata;
  metadata.name = "photos";
  metadata.class_names = set.class_names;
  metadata.channels = set.channels;
  metadata.height = set.height;
  metadata.width = set.width;
  metadata.mean = {0.5, 0.5, 0.5};
  metadata.stddev = {0.5, 0.5, 0.5};
  std::array<data::SplitView, data::kSplitCount> views;
  for (int s = 0; s < data::kSplitCount; ++s) {
    views[s] = columns[s].View();
    metadata.sizes[s] = static_cast<int64_t>(columns[s].labels.size());
  }
  NIWAKI_ASSERT_OK(data::WritePrepared(path, metadata, views));
}

int RunWith(const std::vector<std::string>& arguments, std::string* output) {
  std::vector<const char*> argv = {"niwaki-train"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  ::testing::internal::CaptureStdout();
  const int code = Run(static_cast<int>(argv.size()), argv.data(), Clock::Real());
  *output = ::testing::internal::GetCapturedStdout();
  return code;
}

TEST(PublishedWeightsTest, Int8AnswersAsFloatsDo) {
  constexpr int kSide = 112;
  // Of 100 photos; libs/engine/quantise/README.md has the figures of all.
  constexpr double kLeastAgreement = 0.65;
  const std::string model = "models/mcunet/proxyless-w0.25-r112_imagenet";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string json, ReadFile(Shared(model + ".json")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const interchange::NetConfig config,
                              interchange::ReadNetConfig(json, {}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const interchange::DataFacts facts,
                              interchange::DescribeData(config.space, {}, "half"));
  NIWAKI_ASSERT_OK(interchange::ImportNetwork(Shared(model + ".pth"), config.space, config.blocks,
                                              facts, Path("net"))
                       .status());
  PreparePhotos(kSide, Path("photos.nwd"));
  std::string out;

  ASSERT_EQ(RunWith({"evaluate", "--agreement", "--supernet", Path("net"), "--data",
                     Path("photos.nwd"), "--statistics", "kept", "--output", "json"},
                    &out),
            0)
      << out;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json agreement, ParseJson(out, "agreement"));
  EXPECT_EQ(agreement["images"], kTest);
  EXPECT_GE(agreement["agreement"].get<double>(), kLeastAgreement);
  ASSERT_EQ(RunWith({"quantise", "--supernet", Path("net"), "--data", Path("photos.nwd"),
                     "--statistics", "kept", "--out", Path("net.tflite")},
                    &out),
            0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string file, ReadFile(Path("net.tflite")));
  NIWAKI_EXPECT_OK(interchange::ReadTflite(file).status());
}

}  // namespace
}  // namespace niwaki::trainer
