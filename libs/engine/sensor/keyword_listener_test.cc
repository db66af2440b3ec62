#include "libs/engine/sensor/keyword_listener.h"

#include <vector>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/sensor/audio_front_end.h"
#include "libs/engine/sensor/posteriors.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::engine {
namespace {

std::vector<Heard> Listen(const QuantisedNetwork& network, const Sensor& sensor, int part) {
  const auto listener = KeywordListener::Create(&network, sensor);
  EXPECT_TRUE(listener.ok()) << listener.status();
  const std::vector<int16_t> samples = Bursts(50000);
  std::vector<Heard> all;
  for (size_t at = 0; at < samples.size(); at += part) {
    NIWAKI_EXPECT_OK((*listener)->Feed(absl::MakeConstSpan(samples).subspan(at, part),
                                       [&all](const Heard& heard) { all.push_back(heard); }));
  }
  return all;
}

TEST(KeywordListenerTest, RunsAreWhereTheyAreDueHoweverSamplesCome) {
  const QuantisedNetwork network = HearingNetwork(49, 40);
  const std::vector<Heard> whole = Listen(network, Microphone(), 50000);
  // A column at 480 and every 320 from there; a run with every fifth.
  ASSERT_EQ(whole.size(), 31);
  EXPECT_EQ(whole[0].samples, 480 + 4 * 320);
  EXPECT_EQ(whole[1].samples, 480 + 9 * 320);
  const std::vector<Heard> parts = Listen(network, Microphone(), 321);
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].samples, whole[i].samples);
    EXPECT_EQ(parts[i].posteriors, whole[i].posteriors);
    EXPECT_EQ(parts[i].keyword, whole[i].keyword);
  }
}

TEST(KeywordListenerTest, PosteriorsAreThoseOfTheLastSecond) {
  const QuantisedNetwork network = HearingNetwork(25, 40);
  Sensor sensor = Microphone();
  std::get<AudioSensor>(sensor.kind).stream.averaged_runs = 1;
  const std::vector<Heard> all = Listen(network, sensor, 1000);
  const Heard& heard = all[20];
  const std::vector<int16_t> samples = Bursts(50000);
  // 49 columns end where the run is.
  const int64_t begin = heard.samples - (48 * 320 + 480);
  std::vector<int16_t> clip(samples.begin() + begin, samples.begin() + heard.samples);
  clip.resize(16000);
  auto runner = HostRunner::Create(&network);
  NIWAKI_ASSERT_OK(runner);
  const auto front_end = AudioFrontEnd::Create(sensor, network.graph.shape(runner->input()),
                                               network.tensors[runner->input()]);
  NIWAKI_ASSERT_OK(front_end);
  const auto outputs = runner->Run((*front_end)->InputOf(clip));
  NIWAKI_ASSERT_OK(outputs);
  const std::vector<uint8_t> posteriors = PosteriorsOf(network, *outputs);
  EXPECT_EQ(heard.posteriors, std::vector<int>(posteriors.begin(), posteriors.end()));
}

TEST(KeywordListenerTest, NetworkOfOtherClassesIsRefused) {
  const QuantisedNetwork network = HearingNetwork(49, 40);
  Sensor sensor = Microphone();
  sensor.class_names.push_back("more");
  EXPECT_THAT(KeywordListener::Create(&network, sensor).status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

}  // namespace
}  // namespace niwaki::engine
