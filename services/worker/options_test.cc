#include "services/worker/options.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/worker/fake_options.h"

namespace niwaki::worker {
namespace {

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "niwaki-worker");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, DefaultsUseOneThreadOfTheCpu) {
  setenv("XDG_CACHE_HOME", "/cache", /*overwrite=*/1);
  unsetenv("NIWAKI_COORDINATOR");

  const ParsedOptions parsed = Parse({});

  EXPECT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.coordinator, "127.0.0.1:50051");
  EXPECT_EQ(parsed.options.device, "cpu");
  EXPECT_EQ(parsed.options.threads, 1);
  EXPECT_EQ(parsed.options.cache_dir, "/cache/niwaki");
  EXPECT_FALSE(parsed.options.name.empty());
  EXPECT_LE(parsed.options.name.size(), 63u);
  EXPECT_NE(parsed.options.name, Parse({}).options.name);
}

TEST(OptionsTest, FlagsAreRead) {
  const Options options =
      Parse({"--coordinator", "h:1", "--name", "gpu-0.a_b", "--cache-dir", "/c", "--device", "cuda",
             "--threads", "3", "--max-candidates", "16", "--drain-timeout", "1.5", "--verbose"})
          .options;

  EXPECT_EQ(options.coordinator, "h:1");
  EXPECT_EQ(options.name, "gpu-0.a_b");
  EXPECT_EQ(options.cache_dir, "/c");
  EXPECT_EQ(options.device, "cuda");
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.max_candidates, 16);
  EXPECT_EQ(options.drain_timeout_s, 1.5);
  EXPECT_TRUE(options.verbose);
  EXPECT_TRUE(options.fetch);
}

TEST(OptionsTest, WorkersTakeEveryTaskUnlessTold) {
  EXPECT_TRUE(Parse({}).options.scores);
  EXPECT_TRUE(Parse({}).options.proves);
  EXPECT_FALSE(Parse({"--tasks", "score"}).options.proves);
  EXPECT_FALSE(Parse({"--tasks", "prove"}).options.scores);
  EXPECT_TRUE(Parse({"--tasks", "prove,score"}).options.scores);
  EXPECT_EQ(Parse({"--tasks", "score,draw"}).exit_code, 2);
  EXPECT_EQ(Parse({"--tasks", ""}).exit_code, 2);
}

TEST(OptionsTest, CoordinatorComesFromTheEnvironmentUnlessAFlagSaysOtherwise) {
  setenv("NIWAKI_COORDINATOR", "e:1", /*overwrite=*/1);

  EXPECT_EQ(Parse({}).options.coordinator, "e:1");
  EXPECT_EQ(Parse({"--coordinator", "h:1"}).options.coordinator, "h:1");

  unsetenv("NIWAKI_COORDINATOR");
}

TEST(OptionsTest, WrongUseEndsWithTwo) {
  EXPECT_EQ(Parse({"--device", "tpu"}).exit_code, 2);
  EXPECT_EQ(Parse({"--threads", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--max-candidates", "1025"}).exit_code, 2);
  EXPECT_EQ(Parse({"--name", "with blank"}).exit_code, 2);
  EXPECT_EQ(Parse({"--name", std::string(64, 'x').c_str()}).exit_code, 2);
  EXPECT_EQ(Parse({"--no-fetch"}).exit_code, 2);
}

TEST(OptionsTest, HelpEndsWithZeroAndShowsExamples) {
  ::testing::internal::CaptureStdout();

  EXPECT_EQ(Parse({"--help"}).exit_code, 0);

  EXPECT_NE(::testing::internal::GetCapturedStdout().find("Examples:"), std::string::npos);
}

TEST(FakeOptionsTest, FlagsAreRead) {
  const std::vector<const char*> arguments = {"fake_worker",
                                              "--no-fetch",
                                              "--delay-ms",
                                              "20",
                                              "--die-at",
                                              "7",
                                              "--nan-every",
                                              "3",
                                              "--fail-every",
                                              "5",
                                              "--precision",
                                              "cuda-bf16",
                                              "--hang-at",
                                              "9",
                                              "--prove",
                                              "--die-after-upload",
                                              "2"};

  const ParsedFakeOptions parsed =
      ParseFakeOptions(static_cast<int>(arguments.size()), arguments.data());

  EXPECT_FALSE(parsed.exit_code.has_value());
  EXPECT_FALSE(parsed.options.fetch);
  EXPECT_EQ(parsed.fake.delay, absl::Milliseconds(20));
  EXPECT_EQ(parsed.fake.die_at, 7);
  EXPECT_EQ(parsed.fake.hang_at, 9);
  EXPECT_EQ(parsed.fake.nan_every, 3);
  EXPECT_EQ(parsed.fake.fail_every, 5);
  EXPECT_EQ(parsed.fake.precision, "cuda-bf16");
  EXPECT_TRUE(parsed.options.proves);
  EXPECT_EQ(parsed.options.die_after_upload, 2);
}

TEST(FakeOptionsTest, FakesScoreAloneUnlessTold) {
  const char* const arguments[] = {"fake_worker"};

  const ParsedFakeOptions parsed = ParseFakeOptions(1, arguments);

  EXPECT_TRUE(parsed.options.scores);
  EXPECT_FALSE(parsed.options.proves);
}

TEST(FakeOptionsTest, UnknownPrecisionEndsWithTwo) {
  const char* const arguments[] = {"fake_worker", "--precision", "cuda"};

  EXPECT_EQ(ParseFakeOptions(3, arguments).exit_code, 2);
}

}  // namespace
}  // namespace niwaki::worker
