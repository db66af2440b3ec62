#include "services/coordinator/event_log.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

class EventLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    events_.Subscribe(log_);
    jobs::EngineLoopOptions options;
    options.events = &events_;
    loop_ = *jobs::EngineLoop::Create(store_, clock_, options);
  }

  // What is written, without times, while `commands` are run as one group.
  std::vector<std::string> LinesOf(const std::vector<jobs::EngineLoop::Apply>& commands) {
    ::testing::internal::CaptureStderr();
    for (const jobs::EngineLoop::Apply& command : commands) {
      loop_->Submit(command, [](const absl::Status&) {});
    }
    while (loop_->Step()) {
    }
    std::vector<std::string> lines;
    const std::string text = ::testing::internal::GetCapturedStderr();
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      lines.emplace_back(line.substr(line.find(' ') + 1));
    }
    return lines;
  }

  static jobs::EngineLoop::Apply Create(const std::string& id) {
    return [id](jobs::JobEngine& engine, absl::Time now) {
      jobs::Job job;
      job.id = id;
      return engine.CreateJob(job, now).status();
    };
  }
  static jobs::EngineLoop::Apply Cancel(const std::string& id) {
    return [id](jobs::JobEngine& engine, absl::Time now) {
      return engine.CancelJob(id, now).status();
    };
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  jobs::InMemoryJobStore store_;
  jobs::EventStream events_;
  EventLog log_;
  std::unique_ptr<jobs::EngineLoop> loop_;
};

TEST_F(EventLogTest, CommittedChangesAreLoggedOnceInOrder) {
  EXPECT_THAT(
      LinesOf({Create("a"), Cancel("a")}),
      ElementsAre("INFO job_created job=a", StartsWith("WARNING job_stands_still job=a reason="),
                  "INFO job_state job=a state=CANCELLED reason=\"cancelled by a user\""));
  EXPECT_THAT(LinesOf({}), ElementsAre());
}

TEST_F(EventLogTest, FailedCommitLeavesNoLineThatClaimsAChange) {
  store_.FailCommit(1, absl::ResourceExhaustedError("disk full"));

  EXPECT_THAT(LinesOf({Create("a"), Cancel("a")}),
              ElementsAre("ERROR commit_failed status=\"RESOURCE_EXHAUSTED: disk full\""));

  EXPECT_THAT(LinesOf({Create("b")}),
              ElementsAre("WARNING engine_reloaded jobs=0", "INFO job_created job=b",
                          StartsWith("WARNING job_stands_still job=b reason=")));
}

}  // namespace
}  // namespace niwaki::coordinator
