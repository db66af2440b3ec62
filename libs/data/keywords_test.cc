#include "libs/data/keywords.h"

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared.h"

namespace niwaki::data {
namespace {

constexpr uint32_t kNobody = 0xFFFFFFFF;

KeywordOptions SmallOptions(absl::string_view name) {
  KeywordOptions options;
  options.words = {"yes", "no", "stop"};
  options.clips_per_word = 20;
  options.seed = 7;
  options.out = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
  return options;
}

TEST(GenerateKeywordsTest, ClassesAreBalancedInEverySplit) {
  const KeywordOptions options = SmallOptions("balanced");

  NIWAKI_ASSERT_OK(GenerateKeywords(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  EXPECT_THAT(data->metadata().class_names,
              ::testing::ElementsAre("yes", "no", "stop", "silence", "unknown"));
  int64_t total = 0;
  for (Split split : kAllSplits) {
    std::map<int, int64_t> count;
    for (int64_t i = 0; i < data->size(split); ++i) ++count[data->label(split, i)];
    EXPECT_EQ(count.size(), 5);
    for (const auto& [label, n] : count) EXPECT_EQ(n, data->size(split) / 5) << label;
    total += data->size(split);
  }
  EXPECT_EQ(total, 5 * options.clips_per_word);
}

TEST(GenerateKeywordsTest, NoSpeakerIsInTwoSplits) {
  const KeywordOptions options = SmallOptions("speakers");

  NIWAKI_ASSERT_OK(GenerateKeywords(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  std::map<uint32_t, std::set<Split>> heard;
  for (Split split : kAllSplits) {
    for (int64_t i = 0; i < data->size(split); ++i) heard[data->group(split, i)].insert(split);
  }
  EXPECT_GT(heard.size(), 30);
  for (const auto& [speaker, splits] : heard) {
    if (speaker == kNobody) continue;
    EXPECT_EQ(splits.size(), 1) << speaker;
  }
}

TEST(GenerateKeywordsTest, SameSeedGivesTheSameFileOnAnyNumberOfThreads) {
  const KeywordOptions one = SmallOptions("one");
  const KeywordOptions four = SmallOptions("four");
  ParallelOptions one_thread, four_threads;
  one_thread.threads = 1;
  four_threads.threads = 4;

  NIWAKI_ASSERT_OK(GenerateKeywords(one, one_thread));
  NIWAKI_ASSERT_OK(GenerateKeywords(four, four_threads));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string a, ReadFile(one.out));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string b, ReadFile(four.out));
  EXPECT_EQ(a, b);
}

TEST(GenerateKeywordsTest, OtherSeedGivesOtherClips) {
  const KeywordOptions seven = SmallOptions("seven");
  KeywordOptions eight = SmallOptions("eight");
  eight.seed = 8;

  NIWAKI_ASSERT_OK(GenerateKeywords(seven, {}));
  NIWAKI_ASSERT_OK(GenerateKeywords(eight, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto a, PreparedData::Open(seven.out));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto b, PreparedData::Open(eight.out));
  EXPECT_NE(a->example(Split::kTest, 0), b->example(Split::kTest, 0));
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

TEST(GenerateKeywordsTest, ProgressCountsToTheTotal) {
  const KeywordOptions options = SmallOptions("progress");
  int64_t last = 0, last_total = 0;
  ParallelOptions parallel;
  parallel.progress = [&](int64_t done, int64_t total) {
    EXPECT_EQ(done, last + 1);
    last = done;
    last_total = total;
  };

  NIWAKI_ASSERT_OK(GenerateKeywords(options, parallel));

  EXPECT_GT(last, 0);
  EXPECT_EQ(last, last_total);
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
