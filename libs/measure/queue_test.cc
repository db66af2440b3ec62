#include "libs/measure/queue.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/measure/test_boards.h"

namespace niwaki::measure {
namespace {

using ::testing::Eq;
using ::testing::Optional;

bool Any(const v1::Measurement&) { return true; }

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() {
    board_.set_name("boards/a");
    *board_.mutable_description() = DescriptionOf("a");
  }

  void Add(int64_t uid, int priority) {
    v1::Measurement& measurement = waiting_[uid];
    measurement.set_state(v1::MEASUREMENT_STATE_PENDING);
    *measurement.mutable_spec() = NetworkSpec();
    measurement.mutable_spec()->set_priority(priority);
  }

  v1::Board board_;
  std::map<int64_t, v1::Measurement> waiting_;
};

TEST_F(QueueTest, BoardMustBeAllThatIsAskedFor) {
  v1::MeasurementSpec spec = NetworkSpec();
  EXPECT_TRUE(Fits(spec, board_));
  spec.set_device("devices/stm32f746");
  spec.set_core("cortex-m7");
  spec.set_board("boards/a");
  spec.add_tags("bench");
  EXPECT_TRUE(Fits(spec, board_));
  spec.add_tags("hot");
  EXPECT_FALSE(Fits(spec, board_));
  spec.clear_tags();
  spec.set_board("boards/b");
  EXPECT_FALSE(Fits(spec, board_));
  spec.clear_board();
  spec.set_core("cortex-m4");
  EXPECT_FALSE(Fits(spec, board_));
  spec.clear_core();
  spec.set_device("devices/stm32h743");
  EXPECT_FALSE(Fits(spec, board_));
}

TEST_F(QueueTest, ReservedBoardTakesWhatItsHolderAsksFor) {
  v1::MeasurementSpec spec = NetworkSpec();
  board_.set_reserved_by("ann");
  EXPECT_FALSE(Fits(spec, board_));
  spec.set_reservation("ann");
  EXPECT_TRUE(Fits(spec, board_));
  board_.clear_reserved_by();
  EXPECT_FALSE(Fits(spec, board_));
}

TEST_F(QueueTest, PriorityGoesBeforeAge) {
  EXPECT_EQ(NextFor(board_, waiting_, Any), std::nullopt);
  Add(3, 0);
  Add(4, 5);
  Add(5, 5);
  Add(6, -1);
  EXPECT_THAT(NextFor(board_, waiting_, Any), Optional(Eq(4)));
  waiting_[4].set_state(v1::MEASUREMENT_STATE_LEASED);
  EXPECT_THAT(NextFor(board_, waiting_, Any), Optional(Eq(5)));
  waiting_.erase(5);
  EXPECT_THAT(NextFor(board_, waiting_, Any), Optional(Eq(3)));
  EXPECT_THAT(
      NextFor(board_, waiting_, [](const v1::Measurement& m) { return m.spec().priority() < 0; }),
      Optional(Eq(6)));
}

TEST_F(QueueTest, CanariesAreNobodysWork) {
  Add(1, 0);
  waiting_[1].mutable_spec()->mutable_canary();
  EXPECT_EQ(NextFor(board_, waiting_, Any), std::nullopt);
}

}  // namespace
}  // namespace niwaki::measure
