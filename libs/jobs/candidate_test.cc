#include "libs/jobs/candidate.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

// The transition table, cell by cell.
TEST(CandidateStateTest, TransitionsAreThoseOfTheDiagram) {
  using S = CandidateState;
  const std::vector<S> all = {S::kPending, S::kLeased, S::kScored, S::kInfeasible, S::kFailed};
  const bool expected[5][5] = {
      {false, true, true, false, false},   {true, false, true, false, true},
      {false, false, false, false, false}, {false, false, false, false, false},
      {false, false, false, false, false},
  };

  for (size_t from = 0; from < all.size(); ++from) {
    for (size_t to = 0; to < all.size(); ++to) {
      EXPECT_EQ(MayBecome(all[from], all[to]), expected[from][to])
          << CandidateStateName(all[from]) << " to " << CandidateStateName(all[to]);
    }
    EXPECT_EQ(IsOutcome(all[from]), from >= 2);
  }
}

TEST(CandidateStateTest, StatesHaveDifferentNames) {
  std::set<absl::string_view> names;
  for (int state = 1; state <= static_cast<int>(CandidateState::kFailed); ++state) {
    names.insert(CandidateStateName(static_cast<CandidateState>(state)));
  }

  EXPECT_EQ(names.size(), 5);
}

}  // namespace
}  // namespace niwaki::jobs
