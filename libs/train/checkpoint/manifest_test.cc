#include "libs/train/checkpoint/manifest.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/log_mel.h"

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

TEST(ManifestTest, ClassNamesKnownIsKept) {
  for (const bool known : {false, true}) {
    Manifest manifest = Example();
    manifest.class_names_known = known;

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Manifest read, Manifest::FromJson(manifest.ToJson()));

    EXPECT_EQ(read.class_names_known, known);
    EXPECT_EQ(read.trained_on().class_names_known, known);
  }
  Json mistyped = Json::parse(Example().ToJson());
  mistyped["class_names_known"] = "yes";
  EXPECT_THAT(Manifest::FromJson(mistyped.dump()),
              StatusIs(absl::StatusCode::kDataLoss, "class_names_known"));
}

// Files from before the field: an import without names numbered the classes.
TEST(ManifestTest, NumbersOfAnOldImportAreNoNames) {
  const auto read = [](const std::string& digest, const std::vector<std::string>& names) {
    Manifest manifest = Example();
    manifest.data_digest = digest;
    manifest.data.class_names = names;
    Json json = Json::parse(manifest.ToJson());
    json.erase("class_names_known");
    return *Manifest::FromJson(json.dump());
  };
  const std::string digest(64, 'd');

  EXPECT_FALSE(read("", {"0", "1", "2"}).class_names_known);
  EXPECT_TRUE(read("", {"1", "0"}).class_names_known);
  EXPECT_TRUE(read("", {"cat", "dog"}).class_names_known);
  EXPECT_TRUE(read(digest, {"0", "1", "2"}).class_names_known);
}

TEST(ManifestTest, PreparationIsKnownOfDataThatHadAFile) {
  Manifest manifest = Example();
  EXPECT_TRUE(manifest.trained_on().preparation_known);
  EXPECT_EQ(manifest.trained_on().data.class_names, manifest.data.class_names);

  manifest.data_digest.clear();
  EXPECT_FALSE(manifest.trained_on().preparation_known);
  manifest.data.front_end = data::LogMelOptions();
  EXPECT_TRUE(manifest.trained_on().preparation_known);
}

}  // namespace
}  // namespace niwaki::train
