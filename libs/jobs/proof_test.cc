#include "libs/jobs/proof.h"

#include <limits>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

constexpr ProofState kStates[] = {
    ProofState::kPending, ProofState::kLeased,  ProofState::kQuantised, ProofState::kMeasuring,
    ProofState::kProven,  ProofState::kRefused, ProofState::kFailed};

Int8Network Network() {
  Int8Network network;
  network.digest = std::string(64, 'a');
  network.quantise_key = std::string(64, 'b');
  network.quantiser_version = 1;
  network.score = Score{0.5, 0.75, 1, 100, 2};
  return network;
}

BoardFigures Figures() {
  BoardFigures figures;
  figures.board = "seven";
  figures.provenance = cost::Provenance::kMeasured;
  figures.unit = "cycles";
  figures.count = 2160000;
  figures.count_low = 2159000;
  figures.count_high = 2161000;
  figures.inputs = 16;
  figures.clock_hz = 216000000;
  return figures;
}

TEST(ProofTest, BestIsOneAndFrontIsAllUnlessItIsLimited) {
  ProofSpec spec;
  EXPECT_EQ(spec.limit(), 0);
  spec.members = ProofMembers::kBest;
  EXPECT_EQ(spec.limit(), 1);
  spec.members = ProofMembers::kFront;
  EXPECT_EQ(spec.limit(), std::nullopt);
  spec.max_members = 3;
  EXPECT_EQ(spec.limit(), 3);
}

TEST(ProofTest, NamesOfMembersReadBack) {
  for (const auto members : {ProofMembers::kFront, ProofMembers::kBest, ProofMembers::kNone}) {
    EXPECT_EQ(ProofMembersFromName(ProofMembersName(members)), members);
  }
  EXPECT_EQ(ProofMembersFromName("all"), std::nullopt);
}

TEST(ProofTest, SpecIsCheckedToItsEnds) {
  ProofSpec spec;
  spec.members = ProofMembers::kFront;
  spec.extra_slots = kMaxExtraSlots;
  spec.max_members = kMaxProofMembers;
  NIWAKI_EXPECT_OK(ValidateProofSpec(spec));
  spec.extra_slots = kMaxExtraSlots + 1;
  EXPECT_THAT(ValidateProofSpec(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.proof.extra_slots"));
  spec.extra_slots = -1;
  EXPECT_THAT(ValidateProofSpec(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.proof.extra_slots"));
  spec.extra_slots = 0;
  spec.max_members = -1;
  EXPECT_THAT(ValidateProofSpec(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.proof.max_members"));
  spec.members = ProofMembers::kBest;
  spec.max_members = 2;
  EXPECT_THAT(ValidateProofSpec(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, "unset where members is best"));
}

TEST(ProofTest, VerdictIsTheOnlyWayOutOfWhatIsSettled) {
  for (const ProofState from : kStates) {
    for (const ProofState to : kStates) {
      if (!IsUnderWay(from)) {
        EXPECT_EQ(MayBecome(from, to), from != ProofState::kRefused && to == ProofState::kRefused)
            << ProofStateName(from) << " " << ProofStateName(to);
      }
      EXPECT_FALSE(from == to && MayBecome(from, to));
    }
  }
  EXPECT_TRUE(MayBecome(ProofState::kLeased, ProofState::kPending));
  EXPECT_FALSE(MayBecome(ProofState::kPending, ProofState::kProven));
}

TEST(ProofTest, CountersAreByState) {
  ProofCounters counters;
  for (const ProofState state : kStates) counters.Of(state) = static_cast<int64_t>(state);
  EXPECT_EQ(counters.under_way(), 1 + 2 + 3 + 4);
  EXPECT_EQ(counters.proven, 5);
  EXPECT_EQ(counters.refused, 6);
  EXPECT_EQ(counters.failed, 7);
}

TEST(ProofTest, NetworkIsCheckedFieldByField) {
  NIWAKI_EXPECT_OK(ValidateInt8Network(Network()));
  Int8Network network = Network();
  network.digest = "x";
  EXPECT_THAT(ValidateInt8Network(network),
              StatusIs(absl::StatusCode::kInvalidArgument, "network.digest"));
  network = Network();
  network.quantise_key.clear();
  EXPECT_THAT(ValidateInt8Network(network),
              StatusIs(absl::StatusCode::kInvalidArgument, "network.quantise_key"));
  network = Network();
  network.quantiser_version = 0;
  EXPECT_THAT(ValidateInt8Network(network),
              StatusIs(absl::StatusCode::kInvalidArgument, "network.quantiser_version"));
  network = Network();
  network.test_score = Score{2, 0, 0, 1, 0};
  EXPECT_THAT(ValidateInt8Network(network), StatusIs(absl::StatusCode::kInvalidArgument, "top1"));
  network = Network();
  network.score.loss = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ValidateInt8Network(network),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kScoreNotFinite));
}

TEST(ProofTest, SameNetworkDoesNotCareForTheTimeItTook) {
  Int8Network other = Network();
  other.score.seconds = 99;
  EXPECT_TRUE(SameNetwork(Network(), other));
  other.digest[0] = 'c';
  EXPECT_FALSE(SameNetwork(Network(), other));
  other = Network();
  other.test_score = other.score;
  EXPECT_FALSE(SameNetwork(Network(), other));
}

TEST(ProofTest, OnlyCyclesOfARealCoreAreTime) {
  const cost::Figure latency = Figures().latency_us();
  EXPECT_EQ(latency.value(), 10000);
  EXPECT_EQ(latency.provenance(), cost::Provenance::kMeasured);
  EXPECT_LT(latency.low(), latency.value());
  BoardFigures emulated = Figures();
  emulated.provenance = cost::Provenance::kEmulated;
  EXPECT_FALSE(emulated.latency_us().known());
  BoardFigures clockless = Figures();
  clockless.clock_hz = 0;
  EXPECT_FALSE(clockless.latency_us().known());
}

TEST(ProofTest, FiguresReadBackAndDamagedOnesAreDataLoss) {
  const std::string json = BoardFiguresToJson(Figures());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const BoardFigures read, BoardFiguresFromJson(json));
  EXPECT_EQ(BoardFiguresToJson(read), json);
  EXPECT_EQ(read.count_high, 2161000);
  for (const std::string& damaged : {std::string("{}"), std::string("["), json.substr(0, 40),
                                     std::string("{\"provenance\": 77}")}) {
    EXPECT_THAT(BoardFiguresFromJson(damaged),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  }
}

}  // namespace
}  // namespace niwaki::jobs
