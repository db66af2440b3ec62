#include "libs/train/checkpoint/manifest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

constexpr uint64_t kLargeSeed = 0xfedcba9876543210u;

Manifest Example() {
  Manifest manifest;
  manifest.space_textproto = "name: \"tiny\"\n";
  manifest.space_structure = std::string(32, 'a');
  manifest.data_digest = std::string(64, 'd');
  manifest.data.name = "birds";
  manifest.data.class_names = {"ant", "bee"};
  manifest.data.channels = 1;
  manifest.data.height = 2;
  manifest.data.width = 3;
  manifest.data.mean = {0.5};
  manifest.data.stddev = {2};
  manifest.data.sizes = {9, 1, 2, 3};
  manifest.recipe.batch_size = 48;
  manifest.seed = kLargeSeed;
  manifest.step = 77;
  manifest.progress = 0.25;
  return manifest;
}

TEST(ManifestTest, JsonRoundTripsEveryField) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Manifest read, Manifest::FromJson(Example().ToJson()));

  EXPECT_EQ(read.space_textproto, "name: \"tiny\"\n");
  EXPECT_EQ(read.space_structure, std::string(32, 'a'));
  EXPECT_EQ(read.data_digest, std::string(64, 'd'));
  EXPECT_EQ(read.data.name, "birds");
  EXPECT_EQ(read.data.class_names, Example().data.class_names);
  EXPECT_EQ(read.data.sizes, Example().data.sizes);
  EXPECT_EQ(read.recipe.batch_size, 48);
  EXPECT_EQ(read.seed, kLargeSeed);
  EXPECT_EQ(read.step, 77);
  EXPECT_EQ(read.progress, 0.25);
}

TEST(ManifestTest, MissingAndMistypedFieldsAreNamed) {
  for (const char* key : {"format_version", "space_structure", "space", "data_digest", "data",
                          "recipe", "seed", "step", "progress"}) {
    SCOPED_TRACE(key);
    Json missing = Json::parse(Example().ToJson());
    missing.erase(key);
    Json mistyped = Json::parse(Example().ToJson());
    mistyped[key] = Json::array();

    for (const Json& json : {missing, mistyped}) {
      const auto manifest = Manifest::FromJson(json.dump());
      EXPECT_THAT(manifest, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
      EXPECT_THAT(manifest, StatusIs(absl::StatusCode::kDataLoss, absl::StrCat("manifest: ", key)));
    }
  }
}

TEST(ManifestTest, CountsAreNeitherNegativeNorTooLarge) {
  for (const char* step : {"-1", "9223372036854775808", "1.5"}) {
    SCOPED_TRACE(step);
    Json json = Json::parse(Example().ToJson());
    json["step"] = Json::parse(step);

    EXPECT_THAT(Manifest::FromJson(json.dump()),
                StatusIs(absl::StatusCode::kDataLoss, "manifest: step"));
  }
}

TEST(ManifestTest, LaterVersionsAreRefusedAsNewer) {
  Json newer = Json::parse(Example().ToJson());
  newer["format_version"] = kManifestVersion + 1;
  Json unknown = Json::parse(Example().ToJson());
  unknown["format_version"] = 0;

  EXPECT_THAT(Manifest::FromJson(newer.dump()),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
  EXPECT_THAT(Manifest::FromJson(unknown.dump()),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(ManifestTest, OtherTextIsCorrupt) {
  for (const char* text : {"", "{", "[]", "7"}) {
    EXPECT_THAT(Manifest::FromJson(text),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << text;
  }
}

}  // namespace
}  // namespace niwaki::train
