#include "libs/engine/emit/sensor_files.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/compile_for_test.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/keyword_listener.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FileTree Emitted(const QuantisedNetwork& network, const SensorOptions& sensor) {
  EmitOptions options;
  options.prefix = "ear";
  auto files = EmitC(network, PlanNetwork(network.graph), options);
  EXPECT_TRUE(files.ok()) << files.status();
  NIWAKI_EXPECT_OK(AddSensor(network, options, sensor, *files));
  return *std::move(files);
}

TEST(SensorFilesTest, FolderThatHearsTestsItselfByBothCompilers) {
  for (const auto& [rows, compiler] :
       {std::make_pair(49, "CC=gcc"), std::make_pair(25, "CC=clang")}) {
    const std::string folder = WriteTree(absl::StrCat("hears_", rows),
                                         Emitted(HearingNetwork(rows, 40), {Microphone(), {}}));
    EXPECT_THAT(RunOrFail({"make", "-s", "-C", folder, "test", compiler, "TARGET_FLAGS=-Werror"}),
                HasSubstr(absl::StrCat("all ", rows * 40, " bytes of the input and all 3 of the")));
  }
}

TEST(SensorFilesTest, FolderThatSeesTestsItself) {
  const FileTree files = Emitted(SeeingNetwork(), {Camera(), {}});
  EXPECT_THAT(files.at("README.md"), HasSubstr("ear_frame"));
  const std::string folder = WriteTree("sees", files);
  EXPECT_THAT(RunOrFail({"make", "-s", "-C", folder, "test", "TARGET_FLAGS=-Werror"}),
              HasSubstr("all 2304 bytes of the input and all 2 of the output are right: "));
}

// Prints every run of a stream that comes in parts of 700 samples.
constexpr char kStreamMain[] = R"(
#include <stdio.h>
#include "ear_sensor.h"
static int8_t arena[EAR_SENSOR_ARENA_BYTES] __attribute__((aligned(4)));
static ear_stream stream;
int main(void) {
  ear_stream_init(&stream);
  int16_t samples[700];
  size_t count;
  while ((count = fread(samples, sizeof(samples[0]), 700, stdin)) > 0) {
    for (int32_t at = 0; at < (int32_t)count;) {
      at += ear_stream_feed(&stream, arena, samples + at, (int32_t)count - at);
      uint8_t posteriors[EAR_CLASSES];
      if (!ear_stream_posteriors(&stream, posteriors)) continue;
      printf("%d %d %d %d\n", (int)ear_stream_keyword(&stream), posteriors[0], posteriors[1],
             posteriors[2]);
    }
  }
  return 0;
}
)";

TEST(SensorFilesTest, LoopOverAStreamHearsWhatTheListenerHears) {
  for (const int rows : {49, 25}) {
    const QuantisedNetwork network = HearingNetwork(rows, 40);
    Sensor sensor = Microphone();
    std::get<AudioSensor>(sensor.kind).stream.threshold = 90;
    FileTree files = Emitted(network, {sensor, {}});
    files["stream.c"] = kStreamMain;
    const std::vector<int16_t> samples = Bursts(100000);
    files["samples.raw"] =
        std::string(reinterpret_cast<const char*>(samples.data()), samples.size() * 2);
    const std::string folder = WriteTree(absl::StrCat("streams_", rows), files);
    RunOrFail({"make", "-s", "-C", folder});
    RunOrFail({"gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I" + folder,
               folder + "/stream.c", folder + "/build/libear.a", "-o", folder + "/stream"});
    const std::string heard =
        RunOrFail({"sh", "-c", absl::StrCat(folder, "/stream < ", folder, "/samples.raw")});

    const auto listener = KeywordListener::Create(&network, sensor);
    NIWAKI_ASSERT_OK(listener);
    std::string expected;
    NIWAKI_ASSERT_OK((*listener)->Feed(samples, [&expected](const Heard& run) {
      absl::StrAppend(&expected, run.keyword, " ", run.posteriors[0], " ", run.posteriors[1], " ",
                      run.posteriors[2], "\n");
    }));
    EXPECT_EQ(heard, expected);
    EXPECT_THAT(heard, Not(""));
  }
}

TEST(SensorFilesTest, CodeForADeviceHasNoFusedArithmeticAndTakesNothingOfTheLibrary) {
  const std::string folder =
      WriteTree("device", Emitted(HearingNetwork(25, 40), {Microphone(), {}}));
  RunOrFail({"make", "-s", "-C", folder, "CROSS=arm-none-eabi-",
             "TARGET_FLAGS=-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16"});
  const std::string library = folder + "/build/libear.a";
  const std::string code = RunOrFail({"arm-none-eabi-objdump", "-d", library});
  EXPECT_THAT(code, HasSubstr("vmul.f32"));
  for (const char* fused : {"vfma.", "vfms.", "vfnma.", "vfnms."}) {
    EXPECT_THAT(code, Not(HasSubstr(fused)));
  }
  const std::string symbols = RunOrFail({"arm-none-eabi-nm", "-u", library});
  for (const char* name : {"log", "cos", "sin", "malloc", "sqrt", "pow"}) {
    EXPECT_THAT(symbols, Not(HasSubstr(absl::StrCat(" U ", name)))) << symbols;
  }
}

TEST(SensorFilesTest, ClipOfTheUsersIsInTheTestVectorAndMustHaveItsLength) {
  const QuantisedNetwork network = HearingNetwork(49, 40);
  std::vector<int16_t> clip(16000, 0);
  clip[7] = 12345;
  const FileTree files = Emitted(network, {Microphone(), clip});
  EXPECT_THAT(files.at("ear_test.h"), HasSubstr("12345"));
  EmitOptions options;
  options.prefix = "ear";
  FileTree none;
  clip.resize(15999);
  EXPECT_THAT(AddSensor(network, options, {Microphone(), clip}, none),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(SensorFilesTest, SameArgumentsGiveTheSameFilesAndNamesAreQuoted) {
  Sensor sensor = Microphone();
  sensor.class_names[0] = "a \"b\"\\\n";
  const QuantisedNetwork network = HearingNetwork(49, 40);
  const FileTree files = Emitted(network, {sensor, {}});
  EXPECT_EQ(files, Emitted(network, {sensor, {}}));
  EXPECT_THAT(files.at("ear_sensor.c"), HasSubstr(R"("a \"b\"\\\012")"));
}

}  // namespace
}  // namespace niwaki::engine
