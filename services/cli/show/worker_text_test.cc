#include "services/cli/show/worker_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1000000);

v1::Worker SomeWorker() {
  v1::Worker worker;
  worker.set_name("workers/machine-7");
  worker.set_precision("cpu-f32");
  worker.set_state(v1::WORKER_STATE_DRAINING);
  worker.mutable_state_time()->set_seconds(1000000 - 300);
  worker.mutable_last_seen_time()->set_seconds(1000000 - 4);
  worker.set_held(3);
  worker.set_running(1);
  worker.set_scored(120);
  worker.set_failed(2);
  worker.set_lost(1);
  return worker;
}

std::string Age(int64_t seconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(1000000 - seconds);
  return AgeText(&time, kNow);
}

TEST(WorkerTextTest, AgesAreRoundedDown) {
  EXPECT_EQ(Age(0), "0 s");
  EXPECT_EQ(Age(59), "59 s");
  EXPECT_EQ(Age(60), "1 min");
  EXPECT_EQ(Age(3599), "59 min");
  EXPECT_EQ(Age(86399), "23 h");
  EXPECT_EQ(Age(86400 * 3), "3 d");
  EXPECT_EQ(Age(-5), "0 s");
  EXPECT_EQ(AgeText(nullptr, kNow), "-");
}

TEST(WorkerTextTest, TableShowsEachWorker) {
  EXPECT_EQ(
      WorkerTable({SomeWorker()}, kNow).ToString(),
      "WORKER     STATE     SINCE  LAST CALL  PRECISION  HELD  RUNNING  SCORED  FAILED  LOST\n"
      "machine-7  DRAINING  5 min        4 s  cpu-f32       3        1     120       2     1\n");
}

TEST(WorkerTextTest, WorkerThatHasNotCalledShowsDashes) {
  v1::Worker worker;
  worker.set_name("workers/w");
  worker.set_state(v1::WORKER_STATE_DRAINED);

  EXPECT_THAT(WorkerTable({worker}, kNow).ToString(), HasSubstr("w       DRAINED      -"));
}

TEST(WorkerTextTest, NoteSaysWhatADrainWaitsFor) {
  v1::Worker worker = SomeWorker();
  EXPECT_EQ(DrainNote(worker),
            "workers/machine-7 is DRAINING: it finishes the 3 candidates that it holds");
  worker.set_state(v1::WORKER_STATE_DRAINED);
  EXPECT_EQ(DrainNote(worker), "workers/machine-7 is DRAINED: it holds nothing");
  worker.set_state(v1::WORKER_STATE_IDLE);
  EXPECT_EQ(DrainNote(worker), "workers/machine-7 is IDLE: it is given candidates");
}

TEST(WorkerTextTest, WhoSaidWhyItEndedIsQuoted) {
  v1::Worker quiet;
  quiet.set_name("workers/a");
  v1::Worker loud = quiet;
  loud.set_name("workers/b");
  loud.set_trouble("no room on the disk");

  EXPECT_EQ(TroubleNotes({quiet, loud}), "b ended: no room on the disk\n");
}

}  // namespace
}  // namespace niwaki::cli
