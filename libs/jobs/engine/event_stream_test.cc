#include "libs/jobs/engine/event_stream.h"

#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Recorder : public EventSubscriber {
 public:
  explicit Recorder(std::string name, std::vector<std::string>& heard)
      : name_(std::move(name)), heard_(heard) {}

  void OnCommitted(const CommittedChanges& changes) override {
    for (const JobEvent& event : changes.events) {
      heard_.push_back(name_ + " " + std::get<JobDeleted>(event).job.id);
    }
  }
  void OnCommitFailed(const absl::Status& status) override {
    heard_.push_back(name_ + " failed " + std::string(status.message()));
  }

 private:
  const std::string name_;
  std::vector<std::string>& heard_;
};

CommittedChanges Deletions(const std::vector<std::string>& ids) {
  CommittedChanges changes;
  for (const std::string& id : ids) changes.events.push_back(JobDeleted{{1, id}});
  return changes;
}

TEST(EventStreamTest, EverySubscriberHearsEverythingInOrder) {
  std::vector<std::string> heard;
  Recorder first("1", heard);
  Recorder second("2", heard);
  EventStream stream;
  stream.Subscribe(first);
  stream.Subscribe(second);

  stream.Publish(Deletions({"a", "b"}));
  stream.PublishFailure(absl::UnavailableError("disk"));

  EXPECT_THAT(heard, ElementsAre("1 a", "1 b", "2 a", "2 b", "1 failed disk", "2 failed disk"));
}

TEST(EventStreamTest, UnsubscribedHearsNothingMore) {
  std::vector<std::string> heard;
  Recorder first("1", heard);
  Recorder second("2", heard);
  EventStream stream;
  stream.Subscribe(first);
  stream.Subscribe(second);

  stream.Unsubscribe(first);
  stream.Unsubscribe(first);
  stream.Publish(Deletions({"a"}));

  EXPECT_THAT(heard, ElementsAre("2 a"));
}

TEST(EventStreamTest, LatecomerHearsFromThenOn) {
  std::vector<std::string> heard;
  Recorder late("late", heard);
  EventStream stream;

  stream.Publish(Deletions({"a"}));
  EXPECT_THAT(heard, IsEmpty());
  stream.Subscribe(late);
  stream.Publish(Deletions({"b"}));

  EXPECT_THAT(heard, ElementsAre("late b"));
}

// Blocks in its call until released.
class Slow : public EventSubscriber {
 public:
  void OnCommitted(const CommittedChanges&) override {
    entered.Notify();
    release.WaitForNotification();
    finished = true;
  }

  absl::Notification entered;
  absl::Notification release;
  bool finished = false;
};

TEST(EventStreamTest, UnsubscribeWaitsForARunningCall) {
  Slow slow;
  EventStream stream;
  stream.Subscribe(slow);
  std::thread publisher([&] { stream.Publish(Deletions({"a"})); });
  slow.entered.WaitForNotification();
  std::thread releaser([&] { slow.release.Notify(); });

  stream.Unsubscribe(slow);

  EXPECT_TRUE(slow.finished);
  publisher.join();
  releaser.join();
}

}  // namespace
}  // namespace niwaki::jobs
