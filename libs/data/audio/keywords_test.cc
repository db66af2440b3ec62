#include "libs/data/audio/keywords.h"

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::data {
namespace {

constexpr uint32_t kNobody = 0xFFFFFFFF;

KeywordOptions SmallOptions(absl::string_view name) {
  KeywordOptions options;
  options.words = {"yes", "no"};
  options.unknown_words = {"bed", "cat", "know", "tree"};
  options.clips_per_word = 16;
  options.seed = 7;
  options.out = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
  return options;
}

// One small set, made once on one thread, for the tests that only look at it.
class GeneratedKeywordsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ParallelOptions parallel;
    parallel.threads = 1;
    parallel.progress = [](int64_t done, int64_t total) {
      EXPECT_EQ(done, ++progress_calls_);
      progress_total_ = total;
    };
    const KeywordOptions options = SmallOptions("shared");
    NIWAKI_ASSERT_OK(GenerateKeywords(options, parallel));
    NIWAKI_ASSERT_OK_AND_ASSIGN(auto data, PreparedData::Open(options.out));
    data_ = data.release();
  }

  static const PreparedData* data_;
  static int64_t progress_calls_;
  static int64_t progress_total_;
};
const PreparedData* GeneratedKeywordsTest::data_ = nullptr;
int64_t GeneratedKeywordsTest::progress_calls_ = 0;
int64_t GeneratedKeywordsTest::progress_total_ = 0;

TEST_F(GeneratedKeywordsTest, ClassesAreBalancedInEverySplit) {
  EXPECT_THAT(data_->metadata().class_names,
              ::testing::ElementsAre("yes", "no", "silence", "unknown"));
  int64_t total = 0;
  for (Split split : kAllSplits) {
    std::map<int, int64_t> count;
    for (int64_t i = 0; i < data_->size(split); ++i) ++count[data_->label(split, i)];
    EXPECT_EQ(count.size(), 4);
    for (const auto& [label, n] : count) EXPECT_EQ(n, data_->size(split) / 4) << label;
    total += data_->size(split);
  }
  EXPECT_EQ(total, 4 * 16);
}

TEST_F(GeneratedKeywordsTest, FirstExamplesHoldEveryClassOnce) {
  for (Split split : kAllSplits) {
    std::set<int> labels;
    for (int64_t i = 0; i < 4; ++i) labels.insert(data_->label(split, i));
    EXPECT_EQ(labels.size(), 4);
  }
}

TEST_F(GeneratedKeywordsTest, NoSpeakerIsInTwoSplits) {
  std::map<uint32_t, std::set<Split>> heard;
  for (Split split : kAllSplits) {
    for (int64_t i = 0; i < data_->size(split); ++i) heard[data_->group(split, i)].insert(split);
  }
  EXPECT_GT(heard.size(), 15);
  for (const auto& [speaker, splits] : heard) {
    if (speaker == kNobody) continue;
    EXPECT_EQ(splits.size(), 1) << speaker;
  }
}

TEST_F(GeneratedKeywordsTest, ProgressCountsToTheTotal) {
  EXPECT_GT(progress_calls_, 0);
  EXPECT_EQ(progress_calls_, progress_total_);
}

TEST_F(GeneratedKeywordsTest, SameSeedGivesTheSameFileOnAnyNumberOfThreads) {
  const KeywordOptions options = SmallOptions("four");
  ParallelOptions parallel;
  parallel.threads = 4;

  NIWAKI_ASSERT_OK(GenerateKeywords(options, parallel));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, PreparedData::Open(options.out));
  EXPECT_EQ(again->digest(), data_->digest());
}

TEST_F(GeneratedKeywordsTest, OtherSeedGivesOtherClips) {
  KeywordOptions options = SmallOptions("eight");
  options.seed = 8;

  NIWAKI_ASSERT_OK(GenerateKeywords(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto other, PreparedData::Open(options.out));
  EXPECT_NE(other->example(Split::kTest, 0), data_->example(Split::kTest, 0));
}

TEST_F(GeneratedKeywordsTest, FliteSpeaksInTrainOnly) {
  KeywordOptions options = SmallOptions("flite");
  options.flite_share = 1;

  NIWAKI_ASSERT_OK(GenerateKeywords(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto mixed, PreparedData::Open(options.out));
  NIWAKI_EXPECT_OK(mixed->metadata().Validate());
  std::set<uint32_t> trained;
  for (int64_t i = 0; i < mixed->size(Split::kTrain); ++i) {
    trained.insert(mixed->group(Split::kTrain, i));
  }
  // Four people, and the silence.
  EXPECT_LE(trained.size(), 5);
  for (Split split : {Split::kValidation, Split::kTest}) {
    for (int64_t i = 0; i < mixed->size(split); ++i) {
      const uint32_t speaker = mixed->group(split, i);
      EXPECT_TRUE(speaker == kNobody || trained.count(speaker) == 0) << speaker;
    }
  }
  EXPECT_THAT(mixed->metadata().attributes.at("flite"), ::testing::HasSubstr("slt"));
}

TEST(GenerateKeywordsTest, FliteIsWantedOnlyWhereItHasAShare) {
  KeywordOptions options = SmallOptions("noflite");
  options.flite = "flite-that-is-not-there";

  NIWAKI_EXPECT_OK(GenerateKeywords(options, {}));
  options.flite_share = 0.5;
  EXPECT_THAT(GenerateKeywords(options, {}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

TEST(GenerateKeywordsTest, MissingToolNamesThePackage) {
  KeywordOptions options = SmallOptions("tool");
  options.espeak = "espeak-ng-that-is-not-there";

  const absl::Status status = GenerateKeywords(options, {});

  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "Debian package espeak-ng"));
  EXPECT_FALSE(FileExists(options.out));
}

TEST(GenerateKeywordsTest, WordsThatSoundAlikeAreRefused) {
  KeywordOptions options = SmallOptions("alike");
  options.words = {"right", "write"};

  EXPECT_THAT(GenerateKeywords(options, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "words that sound unlike 'right'"));
}

TEST(GenerateKeywordsTest, UnknownAccentIsRefused) {
  KeywordOptions options = SmallOptions("accent");
  options.accents = {"en-us", "xx-nowhere"};

  EXPECT_THAT(GenerateKeywords(options, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "accents[1] 'xx-nowhere'"));
}

TEST(GenerateKeywordsTest, CancelLeavesNoFile) {
  const KeywordOptions options = SmallOptions("cancelled");
  std::atomic<bool> cancel{false};
  ParallelOptions parallel;
  parallel.cancel = &cancel;
  parallel.progress = [&cancel](int64_t done, int64_t) { cancel = done >= 3; };

  EXPECT_THAT(GenerateKeywords(options, parallel), StatusIs(absl::StatusCode::kCancelled, ""));
  EXPECT_FALSE(FileExists(options.out));
}

TEST(CheckWordTest, HostileWordsAreRefused) {
  for (const std::string& word :
       {std::string(), std::string(65, 'a'), std::string("-w"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("[[x"), std::string("<break/>"), std::string("a/b"),
        std::string(" a"), std::string("\x7f"), std::string("$(x)"), std::string("Silence"),
        std::string("unknown")}) {
    EXPECT_THAT(CheckWord(word, "words[0]"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << word;
  }
}

TEST(CheckWordTest, UsualWordsPass) {
  for (const std::string& word :
       {std::string("yes"), std::string("hey niwaki"), std::string("don't"), std::string("öffnen"),
        std::string("x-ray"), std::string(64, 'a')}) {
    NIWAKI_EXPECT_OK(CheckWord(word, "words[0]"));
  }
}

TEST(KeywordOptionsTest, AllBadWordsAreNamed) {
  KeywordOptions options = SmallOptions("bad");
  options.words = {"yes", "$(x)", "no", "Yes", "-x"};

  const absl::Status status = options.Validate();

  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument, "3 entries of words cannot be used"));
  std::vector<std::string> fields;
  for (const ErrorItem& item : GetErrorItems(status)) fields.push_back(item.name);
  EXPECT_THAT(fields, ::testing::ElementsAre("words[1]", "words[3]", "words[4]"));
}

TEST(KeywordOptionsTest, BadOptionsNameTheField) {
  const auto message = [](void (*change)(KeywordOptions&)) {
    KeywordOptions options = SmallOptions("bad");
    change(options);
    return std::string(options.Validate().message());
  };
  using ::testing::HasSubstr;

  EXPECT_THAT(message([](KeywordOptions& o) { o.words.clear(); }), HasSubstr("words.size"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.words = {"a", "A"}; }), HasSubstr("words[1]"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.clips_per_word = 9; }),
              HasSubstr("clips_per_word"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.takes = 0; }), HasSubstr("takes"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.shares[3] = 0; }), HasSubstr("shares.test"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.accents = {"-x"}; }), HasSubstr("accents[0]"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.out.clear(); }), HasSubstr("out"));
  EXPECT_THAT(message([](KeywordOptions& o) { o.front_end.mel_bins = 0; }),
              HasSubstr("front_end.mel_bins"));
}

}  // namespace
}  // namespace niwaki::data
