// PredictorNsga2: NSGA-II on a predictor that is trained on the job's own scores. Scoring is what
// costs: thousands of networks are judged by the predictor for each one that a worker scores.
//
// The first `initial` slots are random. Then, after every `retrain_every` outcomes:
//   1. every objective and every limited cost is fitted on all outcomes told so far, as a ridge
//      regression on the subnet's features (ridge.h, subnet_features.h);
//   2. NSGA-II runs on the predictions for `generations`, from the best scored networks; a network
//      that is predicted to break a limit is worse than any that is not;
//   3. the best networks met that were not told yet, best first, are the proposals of the next
//      `retrain_every` slots, one for each. A share `exploration` of the slots are children of
//      scored parents instead, so that a wrong predictor is found out.
//
// Version v > 0 begins with outcome initial + (v - 1) * retrain_every. Everything above is done in
// Tell at that outcome and depends on the outcomes told, the options and the seed alone: restart is
// replay.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_PREDICTOR_NSGA2_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_PREDICTOR_NSGA2_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/search/algorithms/generation.h"
#include "libs/search/algorithms/ridge.h"
#include "libs/search/algorithms/subnet_features.h"
#include "libs/search/front/objectives.h"
#include "libs/search/optimizer.h"
#include "libs/search/option.h"

namespace niwaki::search {

// NSGA-II on a predictor trained on the job's own scores (predictor_nsga2.h). For jobs in which a
// score costs much more than the search.
struct PredictorNsga2Options {
  static constexpr absl::string_view kName = "predictor_nsga2";
  static constexpr int kMostObjectives = kMaxObjectives;
  // Ranges and texts of the members.
  static absl::Span<const OptionOf<PredictorNsga2Options>> Table();

  int initial = 48;
  int retrain_every = 16;
  // Of the search on the predictor, as `generations`.
  int population = 100;
  int generations = 30;
  double exploration = 0.1;
  double mutation_probability = 0.1;
};

class PredictorNsga2 : public Optimizer {
 public:
  // `options` is valid (MakeOptimizer checks it).
  PredictorNsga2(const arch::SearchSpace& space, const PredictorNsga2Options& options,
                 int num_objectives, uint64_t seed);

  arch::Subnet Ask(int64_t slot, int attempt) const override;
  void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) override;
  int64_t version() const override { return VersionAfter(told_); }
  int64_t VersionAfter(int64_t told) const override;

 private:
  // Adds a scored network to the predictor's data.
  void Learn(const arch::Subnet& subnet, const Outcome& outcome);
  // Steps 1 to 3 above.
  void Propose();
  // `subnet` with its predicted objectives; predicted to break a limit, each is worse than that of
  // any network within the limits, by how far the limit is broken.
  Member Predicted(const arch::Subnet& subnet) const;
  arch::Subnet Child(const std::vector<Member>& parents, int attempt, Random& random) const;

  const arch::SearchSpace& space_;
  const PredictorNsga2Options options_;
  const int num_objectives_;
  const uint64_t seed_;
  const SubnetFeatures features_;

  int64_t told_ = 0;
  // Null until the first scored outcome, which says how many limits there are.
  std::unique_ptr<RidgeRegression> model_;
  int num_usages_ = 0;
  // The best scored networks of earlier versions, best first; and those told since.
  std::vector<Member> parents_;
  std::vector<Member> fresh_;
  absl::flat_hash_set<arch::Subnet> known_;
  // Of this version, best first.
  std::vector<arch::Subnet> proposals_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_PREDICTOR_NSGA2_H_
