#include "libs/lease/lease_table.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/lease/test_refs.h"

namespace niwaki::lease {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1000);
constexpr absl::Duration kTtl = absl::Seconds(15);
constexpr absl::Duration kMax = absl::Minutes(10);

// References of each kind to write the same tests for both.
template <typename Ref>
Ref RefOf(int64_t n);
template <>
PairRef RefOf<PairRef>(int64_t n) {
  return {1, n};
}
template <>
NumberRef RefOf<NumberRef>(int64_t n) {
  return {n};
}

template <typename Ref>
class LeaseTableTest : public ::testing::Test {
 protected:
  static LeaseId<Ref> Id(int64_t n, int64_t epoch = 1) { return {RefOf<Ref>(n), epoch}; }

  // Renews all of `ids`, of which `running` is being worked on, in beats of a third of the ttl
  // until `end`.
  void BeatUntil(absl::Time end, const std::vector<LeaseId<Ref>>& ids, int64_t running) {
    for (; now_ < end; now_ += kTtl / 3) {
      for (const LeaseId<Ref>& id : ids) {
        table_.Renew(id, "a", id.ref == RefOf<Ref>(running), now_);
      }
      for (const EndedLease<Ref>& ended : table_.TakeEnded(now_)) ended_.push_back(ended);
    }
    now_ = end;
  }

  // "REFERENCE expired" or "REFERENCE overdue" of what has ended by now.
  std::vector<std::string> TakeEnded() {
    for (const EndedLease<Ref>& ended : table_.TakeEnded(now_)) ended_.push_back(ended);
    std::vector<std::string> texts;
    for (const EndedLease<Ref>& ended : ended_) {
      texts.push_back(std::to_string(ended.lease.id.ref.ToNumbers().back()) +
                      (ended.end == LeaseEnd::kExpired ? " expired" : " overdue"));
    }
    ended_.clear();
    return texts;
  }

  LeaseTable<Ref> table_{{kTtl, kMax}};
  absl::Time now_ = kStart;
  std::vector<EndedLease<Ref>> ended_;
};

using Refs = ::testing::Types<PairRef, NumberRef>;
TYPED_TEST_SUITE(LeaseTableTest, Refs);

TYPED_TEST(LeaseTableTest, AllOfAHolderAreTakenAtOnce) {
  for (int64_t n : {1, 2}) this->table_.Acquire(this->Id(n), "a", this->now_);
  this->table_.Acquire(this->Id(3), "b", this->now_);
  this->table_.Renew(this->Id(2), "a", /*running=*/true, this->now_);

  const auto ended = this->table_.TakeAllOf("a");

  ASSERT_THAT(ended, SizeIs(2));
  EXPECT_EQ(ended[1].lease.id, this->Id(2));
  EXPECT_TRUE(ended[1].lease.running);
  EXPECT_EQ(this->table_.LoadOf("a").held, 0);
  EXPECT_EQ(this->table_.size(), 1u);
  EXPECT_TRUE(this->table_.Acquire(this->Id(1, 2), "b", this->now_));
  EXPECT_THAT(this->table_.TakeAllOf("a"), IsEmpty());
}

TYPED_TEST(LeaseTableTest, ReferenceHasOneLeaseAtMost) {
  EXPECT_TRUE(this->table_.Acquire(this->Id(1, 1), "a", kStart));
  EXPECT_FALSE(this->table_.Acquire(this->Id(1, 2), "b", kStart));

  EXPECT_NE(this->table_.Find(this->Id(1, 1), "a"), nullptr);
  EXPECT_EQ(this->table_.Find(this->Id(1, 2), "b"), nullptr);
}

TYPED_TEST(LeaseTableTest, FindWantsEpochAndHolder) {
  this->table_.Acquire(this->Id(1, 2), "a", kStart);

  EXPECT_EQ(this->table_.Find(this->Id(1, 1), "a"), nullptr);
  EXPECT_EQ(this->table_.Find(this->Id(1, 2), "b"), nullptr);
  EXPECT_EQ(this->table_.Find(this->Id(2, 2), "a"), nullptr);
}

TYPED_TEST(LeaseTableTest, ExpiredLeasesComeInOrderOfTheirEnds) {
  this->table_.Acquire(this->Id(1), "a", kStart + absl::Seconds(2));
  this->table_.Acquire(this->Id(2), "b", kStart + absl::Seconds(1));

  this->now_ = kStart + kTtl;
  EXPECT_THAT(this->TakeEnded(), IsEmpty());
  this->now_ = kStart + kTtl + absl::Seconds(2);
  EXPECT_THAT(this->TakeEnded(), ElementsAre("2 expired", "1 expired"));

  EXPECT_EQ(this->table_.size(), 0u);
  EXPECT_THAT(this->TakeEnded(), IsEmpty());
}

TYPED_TEST(LeaseTableTest, ExpiredLeaseIsGrantedToNextHolder) {
  this->table_.Acquire(this->Id(1, 1), "a", kStart);
  this->table_.TakeEnded(kStart + kTtl);

  EXPECT_TRUE(this->table_.Acquire(this->Id(1, 2), "b", kStart + kTtl));
  EXPECT_FALSE(this->table_.Renew(this->Id(1, 1), "a", false, kStart + kTtl));
}

TYPED_TEST(LeaseTableTest, RenewedLeaseOutlivesItsFirstEnd) {
  this->table_.Acquire(this->Id(1), "a", kStart);

  EXPECT_TRUE(this->table_.Renew(this->Id(1), "a", /*running=*/true, kStart + absl::Seconds(5)));

  this->now_ = kStart + kTtl;
  EXPECT_THAT(this->TakeEnded(), IsEmpty());
  const auto ended = this->table_.TakeEnded(kStart + absl::Seconds(5) + kTtl);
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_TRUE(ended[0].lease.running);
  EXPECT_EQ(ended[0].end, LeaseEnd::kExpired);
}

TYPED_TEST(LeaseTableTest, ReleasedReferenceIsFreeAndItsLeaseRevoked) {
  this->table_.Acquire(this->Id(1, 1), "a", kStart);

  this->table_.Release(RefOf<TypeParam>(1));
  this->table_.Release(RefOf<TypeParam>(2));

  EXPECT_FALSE(this->table_.Renew(this->Id(1, 1), "a", true, kStart));
  EXPECT_TRUE(this->table_.Acquire(this->Id(1, 2), "b", kStart));
}

TYPED_TEST(LeaseTableTest, HungWorkEndsAtTheHardEndHoweverOftenItIsRenewed) {
  this->table_.Acquire(this->Id(1), "a", kStart);

  this->BeatUntil(kStart + kMax - absl::Seconds(1), {this->Id(1)}, /*running=*/1);
  EXPECT_THAT(this->TakeEnded(), IsEmpty());

  this->now_ = kStart + kMax;
  const auto ended = this->table_.TakeEnded(this->now_);
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].end, LeaseEnd::kOverdue);
  EXPECT_TRUE(ended[0].lease.running);
  EXPECT_FALSE(this->table_.Renew(this->Id(1), "a", true, this->now_));
}

TYPED_TEST(LeaseTableTest, WaitingForItsTurnDoesNotCount) {
  constexpr int kBatch = 50;
  std::vector<LeaseId<TypeParam>> ids;
  for (int n = 0; n < kBatch; ++n) {
    ids.push_back(this->Id(n));
    this->table_.Acquire(ids.back(), "a", kStart);
  }

  // Each takes nearly as long as it may; the last one waits for days.
  for (int n = 0; n < kBatch; ++n) {
    this->BeatUntil(this->now_ + kMax - kTtl, ids, n);
    this->table_.Release(RefOf<TypeParam>(n));
    this->table_.NoteProgress("a", this->now_);
  }

  EXPECT_THAT(this->TakeEnded(), IsEmpty());
  EXPECT_EQ(this->table_.size(), 0u);
}

TYPED_TEST(LeaseTableTest, WhatWaitsBehindHungWorkIsFreedWithIt) {
  for (int n = 1; n <= 3; ++n) this->table_.Acquire(this->Id(n), "a", kStart);
  this->table_.Acquire(this->Id(4), "b", kStart);

  this->BeatUntil(kStart + kMax, {this->Id(1), this->Id(2), this->Id(3)}, /*running=*/2);

  EXPECT_THAT(this->TakeEnded(), ElementsAre("4 expired", "2 overdue", "1 overdue", "3 overdue"));
}

TYPED_TEST(LeaseTableTest, HolderThatBeginsNothingLosesAll) {
  for (int n = 1; n <= 2; ++n) this->table_.Acquire(this->Id(n), "a", kStart);

  this->BeatUntil(kStart + kMax, {this->Id(1), this->Id(2)}, /*running=*/0);

  const auto ended = this->table_.TakeEnded(this->now_);
  ASSERT_THAT(ended, SizeIs(2));
  EXPECT_EQ(ended[0].end, LeaseEnd::kOverdue);
  EXPECT_FALSE(ended[0].lease.running);
}

TYPED_TEST(LeaseTableTest, FinishedWorkThatWaitsForItsReportIsNotOverdueAtOnce) {
  this->table_.Acquire(this->Id(1), "a", kStart);
  this->BeatUntil(kStart + kMax - kTtl, {this->Id(1)}, /*running=*/1);

  this->BeatUntil(kStart + kMax + kTtl, {this->Id(1)}, /*running=*/0);

  EXPECT_THAT(this->TakeEnded(), IsEmpty());
}

TYPED_TEST(LeaseTableTest, SeveralAtOnceHaveEndsOfTheirOwn) {
  this->table_.Acquire(this->Id(1), "a", kStart);
  this->table_.Acquire(this->Id(2), "a", kStart);
  const absl::Duration late = absl::Minutes(5);
  for (; this->now_ < kStart + kMax; this->now_ += kTtl / 3) {
    this->table_.Renew(this->Id(1), "a", true, this->now_);
    this->table_.Renew(this->Id(2), "a", this->now_ >= kStart + late, this->now_);
  }

  EXPECT_THAT(this->TakeEnded(), ElementsAre("1 overdue"));
}

TYPED_TEST(LeaseTableTest, ClaimGivesBackWhatWasHeldBeforeARestart) {
  LeaseTable<TypeParam> restarted({kTtl, kMax});
  const LeaseId<TypeParam> id = this->Id(1, 7);

  EXPECT_TRUE(restarted.Claim(id, "a", kStart));

  EXPECT_TRUE(restarted.Renew(id, "a", true, kStart));
  EXPECT_TRUE(restarted.Claim(id, "a", kStart));
  EXPECT_TRUE(restarted.Find(id, "a")->running);
  EXPECT_FALSE(restarted.Claim(id, "b", kStart));
  EXPECT_FALSE(restarted.Claim(this->Id(1, 6), "a", kStart));
}

TYPED_TEST(LeaseTableTest, DrainedHolderKeepsWhatItHoldsAndGetsNothing) {
  this->table_.Acquire(this->Id(1), "a", kStart);
  this->table_.SetDraining("a", true);

  EXPECT_FALSE(this->table_.Acquire(this->Id(2), "a", kStart));
  EXPECT_TRUE(this->table_.Acquire(this->Id(2), "b", kStart));
  EXPECT_TRUE(this->table_.Renew(this->Id(1), "a", true, kStart));
  EXPECT_TRUE(this->table_.IsDraining("a"));
  EXPECT_FALSE(this->table_.IsDraining("b"));

  this->table_.SetDraining("a", false);
  EXPECT_TRUE(this->table_.Acquire(this->Id(3), "a", kStart));
}

TYPED_TEST(LeaseTableTest, DrainedHolderMayClaimAfterARestart) {
  this->table_.SetDraining("a", true);
  EXPECT_TRUE(this->table_.Claim(this->Id(1), "a", kStart));
}

TYPED_TEST(LeaseTableTest, LoadCountsWhatIsHeldAndRunning) {
  const auto load = [&](const char* holder) {
    const HolderLoad load = this->table_.LoadOf(holder);
    return std::pair(load.held, load.running);
  };
  for (int n = 1; n <= 3; ++n) this->table_.Acquire(this->Id(n), "a", kStart);
  this->table_.Renew(this->Id(1), "a", true, kStart);
  this->table_.Renew(this->Id(2), "a", true, kStart);
  EXPECT_EQ(load("a"), std::pair(int64_t{3}, int64_t{2}));

  this->table_.Renew(this->Id(2), "a", false, kStart);
  this->table_.Release(RefOf<TypeParam>(1));
  EXPECT_EQ(load("a"), std::pair(int64_t{2}, int64_t{0}));

  this->table_.TakeEnded(kStart + kTtl);
  EXPECT_EQ(load("a"), std::pair(int64_t{0}, int64_t{0}));
  EXPECT_EQ(load("nobody"), std::pair(int64_t{0}, int64_t{0}));
}

}  // namespace
}  // namespace niwaki::lease
