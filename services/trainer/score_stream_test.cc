#include "services/trainer/score_stream.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::trainer {
namespace {

using ::testing::HasSubstr;

// Hears something all the time.
engine::Sensor EagerMicrophone() {
  engine::Sensor sensor = engine::Microphone();
  std::get<engine::AudioSensor>(sensor.kind).stream.threshold = 60;
  return sensor;
}

TEST(ScoreStreamTest, EveryEventIsAHitOrAFalseAlarmAndEveryLabelAHitOrAMiss) {
  const engine::QuantisedNetwork network = engine::HearingNetwork(49, 40);
  const std::vector<int16_t> samples = engine::Bursts(16000 * 20);
  const auto without = ScoreStream(network, EagerMicrophone(), samples, {});
  NIWAKI_ASSERT_OK(without);
  ASSERT_GE(without->events.size(), 3);
  EXPECT_EQ(without->hits, 0);
  EXPECT_EQ(without->false_alarms, without->events.size());
  EXPECT_DOUBLE_EQ(without->seconds, 20);
  EXPECT_DOUBLE_EQ(without->false_alarms_per_hour(), without->false_alarms * 180.0);

  // One label just in time, one too early for the same event, one of no keyword.
  const StreamEvent& event = without->events[1];
  const std::vector<StreamLabel> labels = {
      {event.seconds - 1.4, event.word}, {event.seconds - 1.2, event.word}, {3, "unknown"}};
  const auto with = ScoreStream(network, EagerMicrophone(), samples, labels);
  NIWAKI_ASSERT_OK(with);
  EXPECT_EQ(with->labels, 2);
  EXPECT_GE(with->hits, 1);
  EXPECT_EQ(with->hits + with->misses(), 2);
  EXPECT_EQ(with->hits + with->false_alarms, with->events.size());
  EXPECT_THAT(StreamScoreText(*with), HasSubstr("of 2 ("));
  EXPECT_EQ(StreamScoreJson(*with)["events"].size(), with->events.size());
}

TEST(ScoreStreamTest, LabelsAreSecondsAndWords) {
  const auto labels = ParseStreamLabels("# spoken\n1.5 yes\n\n 20\tturn left \r\n", "l.txt");
  NIWAKI_ASSERT_OK(labels);
  ASSERT_EQ(labels->size(), 2);
  EXPECT_EQ((*labels)[0].seconds, 1.5);
  EXPECT_EQ((*labels)[1].word, "turn left");
  for (const char* bad : {"yes 1.5", "1.5", "-1 yes", "nan yes", "1e99 yes"}) {
    const auto status = ParseStreamLabels(absl::StrCat("1 yes\n", bad), "l.txt").status();
    EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
    EXPECT_THAT(status.message(), HasSubstr("l.txt line 2"));
  }
}

TEST(ScoreStreamTest, WordsThatAreNoClassAndPlacesBehindTheEndAreRefused) {
  const engine::QuantisedNetwork network = engine::HearingNetwork(49, 40);
  const std::vector<int16_t> samples(16000, 0);
  for (const StreamLabel& label : {StreamLabel{0.5, "perhaps"}, StreamLabel{1.5, "yes"}}) {
    EXPECT_THAT(ScoreStream(network, engine::Microphone(), samples, {label}).status(),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
}

TEST(ScoreStreamTest, NetworkThatSeesIsRefused) {
  EXPECT_THAT(ScoreStream(engine::SeeingNetwork(), engine::Camera(), {}, {}).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

}  // namespace
}  // namespace niwaki::trainer
