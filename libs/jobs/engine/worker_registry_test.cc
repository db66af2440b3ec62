#include "libs/jobs/engine/worker_registry.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1000);
constexpr absl::Duration kMoment = absl::Seconds(1);
constexpr lease::HolderLoad kNothing = {0, 0};
constexpr lease::HolderLoad kBusy = {4, 1};

class WorkerRegistryTest : public ::testing::Test {
 protected:
  WorkerInfo Find(absl::string_view worker) {
    const auto info = registry_.Find(worker, load_of_, now_);
    EXPECT_TRUE(info.has_value()) << worker;
    return info.value_or(WorkerInfo());
  }
  std::vector<std::string> List(absl::string_view after, size_t limit) {
    std::vector<std::string> names;
    for (const WorkerInfo& info : registry_.List(after, limit, load_of_, now_)) {
      names.push_back(info.name);
    }
    return names;
  }

  WorkerRegistry registry_;
  absl::Time now_ = kStart;
  lease::HolderLoad load_ = kNothing;
  const WorkerRegistry::LoadOf load_of_ = [this](absl::string_view) { return load_; };
};

TEST_F(WorkerRegistryTest, StateFollowsWhatIsHeldAndWhenItBegan) {
  registry_.Saw("w", "cpu-f32", kNothing, now_);
  EXPECT_EQ(Find("w").state, WorkerState::kIdle);
  EXPECT_EQ(Find("w").precision, "cpu-f32");

  now_ += kMoment;
  load_ = kBusy;
  registry_.Saw("w", "", load_, now_);
  EXPECT_EQ(Find("w").state, WorkerState::kWorking);
  EXPECT_EQ(Find("w").state_since, kStart + kMoment);
  EXPECT_EQ(Find("w").precision, "cpu-f32");

  now_ += kMoment;
  registry_.Saw("w", "", load_, now_);
  EXPECT_EQ(Find("w").state_since, kStart + kMoment);
  EXPECT_EQ(Find("w").last_seen, now_);
  EXPECT_EQ(Find("w").load.running, 1);
}

TEST_F(WorkerRegistryTest, ProversAreThoseOfThePrecisionAndTheQuantiser) {
  WorkerAbilities abilities;
  abilities.proves = true;
  abilities.quantiser_version = 2;
  registry_.NoteAbilities("w", abilities);
  EXPECT_EQ(registry_.LastCallOfProver("cpu-f32", 2), absl::InfinitePast());
  registry_.Saw("w", "cpu-f32", kNothing, now_);
  EXPECT_EQ(registry_.LastCallOfProver("cpu-f32", 2), absl::InfinitePast());
  registry_.NoteAbilities("w", abilities);
  EXPECT_EQ(registry_.LastCallOfProver("cpu-f32", 2), now_);
  EXPECT_EQ(registry_.LastCallOfProver("cpu-f32", 1), absl::InfinitePast());
  EXPECT_EQ(registry_.LastCallOfProver("cuda-bf16", 2), absl::InfinitePast());
  registry_.Left("w", "", now_);
  EXPECT_EQ(registry_.LastCallOfProver("cpu-f32", 2), absl::InfinitePast());
}

TEST_F(WorkerRegistryTest, SilentWorkerIsGoneSinceItsLastCall) {
  registry_.Saw("w", "cpu-f32", kNothing, now_);

  now_ = kStart + WorkerRegistry::kPatience - kMoment;
  EXPECT_EQ(Find("w").state, WorkerState::kIdle);
  now_ = kStart + WorkerRegistry::kPatience;
  EXPECT_EQ(Find("w").state, WorkerState::kGone);
  EXPECT_EQ(Find("w").state_since, kStart);

  registry_.Saw("w", "cpu-f32", kNothing, now_);
  EXPECT_EQ(Find("w").state, WorkerState::kIdle);
}

TEST_F(WorkerRegistryTest, WorkerThatHoldsLeasesIsNotGone) {
  load_ = kBusy;
  registry_.Saw("w", "cpu-f32", load_, now_);

  // Beats come seldom where leases live long.
  now_ += absl::Hours(2);

  EXPECT_EQ(Find("w").state, WorkerState::kWorking);
}

TEST_F(WorkerRegistryTest, DrainGoesOnUntilItIsTakenBack) {
  load_ = kBusy;
  registry_.Saw("w", "cpu-f32", load_, now_);

  EXPECT_TRUE(registry_.SetDrain("w", true, now_));
  EXPECT_FALSE(registry_.SetDrain("w", true, now_ + kMoment));
  EXPECT_EQ(Find("w").state, WorkerState::kDraining);
  EXPECT_EQ(Find("w").drain_time, kStart);

  load_ = kNothing;
  now_ += absl::Hours(100);
  registry_.Settle(load_of_, now_);
  EXPECT_EQ(Find("w").state, WorkerState::kDrained);

  EXPECT_TRUE(registry_.SetDrain("w", false, now_));
  EXPECT_FALSE(registry_.SetDrain("w", false, now_));
  EXPECT_EQ(Find("w").state, WorkerState::kGone);
  EXPECT_FALSE(Find("w").drain_time.has_value());
}

TEST_F(WorkerRegistryTest, NewestProcessHasTheName) {
  using Meeting = WorkerRegistry::Meeting;
  EXPECT_EQ(registry_.Meet("w", "a", now_), Meeting::kHolder);
  EXPECT_EQ(registry_.Meet("w", "a", now_), Meeting::kHolder);
  EXPECT_EQ(registry_.Meet("w", "", now_), Meeting::kHolder);
  EXPECT_EQ(registry_.Meet("v", "b", now_), Meeting::kHolder);

  EXPECT_EQ(registry_.Meet("w", "b", now_), Meeting::kSuccessor);

  EXPECT_EQ(registry_.Meet("w", "a", now_), Meeting::kFormer);
  EXPECT_EQ(registry_.Meet("w", "b", now_), Meeting::kHolder);
}

TEST_F(WorkerRegistryTest, FormerProcessesAreRememberedForAWhile) {
  using Meeting = WorkerRegistry::Meeting;
  for (size_t i = 0; i < WorkerRegistry::kMaxFormer + 2; ++i) {
    registry_.Meet("w", absl::StrCat("p", i), now_);
  }

  EXPECT_EQ(Find("w").former.size(), WorkerRegistry::kMaxFormer);
  EXPECT_EQ(registry_.Meet("w", "p1", now_), Meeting::kFormer);
  // Forgotten, and so taken for a new one.
  EXPECT_EQ(registry_.Meet("w", "p0", now_), Meeting::kSuccessor);
}

TEST_F(WorkerRegistryTest, WhoLeavesIsGoneAtOnceUntilItAsksAgain) {
  registry_.Saw("w", "cpu-f32", kNothing, now_, WorkerCall::kAsks);
  now_ += kMoment;
  registry_.Left("w", "no room", now_);
  registry_.Left("nobody", "", now_);

  EXPECT_EQ(Find("w").state, WorkerState::kGone);
  EXPECT_EQ(Find("w").state_since, now_);
  EXPECT_EQ(Find("w").trouble, "no room");
  EXPECT_EQ(registry_.LastCall("cpu-f32"), absl::InfinitePast());

  registry_.Saw("w", "cpu-f32", kNothing, now_, WorkerCall::kAsks);

  EXPECT_EQ(Find("w").state, WorkerState::kIdle);
  EXPECT_EQ(Find("w").trouble, "");
  EXPECT_EQ(registry_.LastCall("cpu-f32"), now_);
}

TEST_F(WorkerRegistryTest, LastCallIsOfThoseThatStayAndOfOnePrecision) {
  registry_.Saw("cuda", "cuda-bf16", kNothing, now_);
  registry_.Saw("a", "cpu-f32", kNothing, now_ + kMoment);
  registry_.Saw("b", "cpu-f32", kNothing, now_ + 2 * kMoment);

  EXPECT_EQ(registry_.LastCall("cpu-f32"), now_ + 2 * kMoment);
  registry_.SetDrain("b", true, now_);
  EXPECT_EQ(registry_.LastCall("cpu-f32"), now_ + kMoment);
  registry_.SetDrain("b", false, now_);
  EXPECT_EQ(registry_.LastCall("cpu-f32"), now_ + 2 * kMoment);
}

TEST_F(WorkerRegistryTest, RestoredDrainIsKnownBeforeTheWorkerCalls) {
  registry_.Restore({"w", "cuda-bf16", kStart - absl::Hours(1)});

  EXPECT_EQ(Find("w").state, WorkerState::kDrained);
  EXPECT_EQ(Find("w").precision, "cuda-bf16");
  EXPECT_EQ(Find("w").last_seen, absl::InfinitePast());
  EXPECT_EQ(Find("w").drain_time, kStart - absl::Hours(1));
}

TEST_F(WorkerRegistryTest, CountsAreKeptApart) {
  registry_.Saw("w", "cpu-f32", kNothing, now_);
  for (int i = 0; i < 3; ++i) registry_.CountScored("w");
  for (int i = 0; i < 2; ++i) registry_.CountFailed("w");
  registry_.CountLost("w");
  registry_.CountLost("nobody");

  EXPECT_EQ(Find("w").scored, 3);
  EXPECT_EQ(Find("w").failed, 2);
  EXPECT_EQ(Find("w").lost, 1);
  EXPECT_FALSE(registry_.Knows("nobody"));
}

TEST_F(WorkerRegistryTest, WhoIsGoneForLongIsForgottenUnlessDrained) {
  for (const char* name : {"drained", "gone"}) registry_.Saw(name, "", kNothing, now_);
  registry_.SetDrain("drained", true, now_);

  now_ = kStart + WorkerRegistry::kMemory - kMoment;
  registry_.Settle(load_of_, now_);
  EXPECT_THAT(registry_.Names(), ElementsAre("drained", "gone"));
  now_ = kStart + WorkerRegistry::kMemory;
  registry_.Settle(load_of_, now_);

  EXPECT_THAT(registry_.Names(), ElementsAre("drained"));
}

TEST_F(WorkerRegistryTest, ListComesInPagesByName) {
  for (const char* name : {"c", "a", "b"}) registry_.Saw(name, "", kNothing, now_);

  EXPECT_THAT(List("", 2), ElementsAre("a", "b"));
  EXPECT_THAT(List("b", 2), ElementsAre("c"));
  EXPECT_THAT(List("c", 2), IsEmpty());
}

TEST_F(WorkerRegistryTest, NumberIsBounded) {
  registry_.Saw("drained", "", kNothing, now_);
  registry_.SetDrain("drained", true, now_);
  for (size_t i = 1; i < WorkerRegistry::kMaxWorkers; ++i) {
    registry_.Saw(absl::StrCat("w", i), "", kNothing, now_ + i * kMoment);
  }

  registry_.Saw("one more", "", kNothing, now_);

  EXPECT_EQ(registry_.Names().size(), WorkerRegistry::kMaxWorkers);
  EXPECT_TRUE(registry_.Knows("one more"));
  EXPECT_TRUE(registry_.Knows("drained"));
  EXPECT_FALSE(registry_.Knows("w1"));
}

}  // namespace
}  // namespace niwaki::jobs
