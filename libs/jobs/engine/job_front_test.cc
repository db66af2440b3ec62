#include "libs/jobs/engine/job_front.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

using search::Metric;
using ::testing::ElementsAre;

Candidate Scored(int64_t slot, double top1, double latency_us) {
  Candidate candidate;
  candidate.slot = slot;
  candidate.cost.latency_us =
      cost::Figure::Of(latency_us, latency_us, latency_us, cost::Provenance::kPredicted);
  candidate.score = Score{top1, top1, 1, 10, 0};
  return candidate;
}

TEST(JobFrontTest, DominatedCandidatesAreNotOnIt) {
  JobFront front({Metric::kTop1, Metric::kLatencyUs});
  front.Add(Scored(0, 0.5, 100));
  front.Add(Scored(1, 0.4, 120));
  front.Add(Scored(2, 0.9, 300));
  front.Add(Scored(3, 0.9, 250));

  EXPECT_EQ(front.size(), 2);
  EXPECT_THAT(front.Slots(), ElementsAre(3, 0));
}

TEST(JobFrontTest, OrderOfAddingDoesNotMatter) {
  const std::vector<Candidate> all = {Scored(0, 0.5, 100), Scored(1, 0.5, 100), Scored(2, 0.6, 200),
                                      Scored(3, 0.1, 50)};
  JobFront forward({Metric::kTop1, Metric::kLatencyUs});
  JobFront backward({Metric::kTop1, Metric::kLatencyUs});
  for (size_t i = 0; i < all.size(); ++i) {
    forward.Add(all[i]);
    backward.Add(all[all.size() - 1 - i]);
  }
  EXPECT_EQ(forward.Slots(), backward.Slots());
  EXPECT_THAT(forward.Slots(), ElementsAre(2, 0, 3));
}

TEST(JobFrontTest, MaximisedMetricsAreNegatedAndUnknownOnesWorst) {
  const Candidate candidate = Scored(0, 0.75, 100);
  EXPECT_THAT(ObjectivesOf({Metric::kLoss, Metric::kTop1, Metric::kLatencyUs, Metric::kEnergyMj},
                           candidate.cost, *candidate.score),
              ElementsAre(1, -0.75, 100, std::numeric_limits<double>::max()));
}

}  // namespace
}  // namespace niwaki::jobs
