#include "libs/search/algorithms/predictor_nsga2.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "libs/base/log.h"
#include "libs/search/algorithms/best_first.h"
#include "libs/search/algorithms/population.h"
#include "libs/search/algorithms/variation.h"

namespace niwaki::search {
namespace {

// In units of one feature's square: a feature seen ten times keeps nine tenths of its weight.
constexpr double kPenalty = 1.0;
// Proposals kept for each slot of a version: for attempts that are refused.
constexpr int kProposalsPerSlot = 8;
// Worse than any objective that is not broken; the excess over a limit is added to it.
constexpr double kBroken = 1e30;
// Streams of a version's search and of a slot's choice, beside those of proposals.
constexpr uint64_t kSearchStream = 0x70726564;
constexpr uint64_t kChoiceStream = 0x63686f69;

using Options = PredictorNsga2Options;

constexpr OptionOf<Options> kTable[] = {
    {{"initial", WholeNumber(8, 100000), "Random networks before the first training"},
     &Options::initial},
    {{"retrain_every", WholeNumber(1, 10000), "Slots between trainings"}, &Options::retrain_every},
    {{"population", kPopulation, "Population of the search on the predictor"},
     &Options::population},
    {{"generations", WholeNumber(1, 1000), "Generations of the search on the predictor"},
     &Options::generations},
    {{"exploration", kShare, "Share of the slots that do not follow the predictor"},
     &Options::exploration},
    {{"mutation_probability", kShare, "Chance of each gene to be resampled in a mutation"},
     &Options::mutation_probability},
};

}  // namespace

absl::Span<const OptionOf<PredictorNsga2Options>> PredictorNsga2Options::Table() { return kTable; }

PredictorNsga2::PredictorNsga2(const arch::SearchSpace& space, const PredictorNsga2Options& options,
                               int num_objectives, uint64_t seed)
    : space_(space),
      options_(options),
      num_objectives_(num_objectives),
      seed_(seed),
      features_(space) {}

int64_t PredictorNsga2::VersionAfter(int64_t told) const {
  if (told < options_.initial) return 0;
  return 1 + (told - options_.initial) / options_.retrain_every;
}

arch::Subnet PredictorNsga2::Ask(int64_t slot, int attempt) const {
  Random random = ProposalStream(seed_, slot, attempt);
  if (proposals_.empty()) return SampleForAttempt(space_, attempt, random);
  Random choice(DeriveSeed(DeriveSeed(seed_, kChoiceStream), slot));
  if (choice.Bernoulli(options_.exploration)) {
    return FinishChild(space_, Child(parents_, attempt, random), attempt, random);
  }
  // Slots of one version are consecutive, so they begin at different proposals.
  const size_t index =
      slot % options_.retrain_every + static_cast<size_t>(attempt) * options_.retrain_every;
  if (index < proposals_.size()) return proposals_[index];
  arch::MutateOptions mutate;
  mutate.probability = MutationProbability(options_.mutation_probability, attempt);
  mutate.resolution_probability = mutate.probability;
  const arch::Subnet& base = proposals_[random.Uniform(proposals_.size())];
  return FinishChild(space_, arch::MutateSubnet(space_, base, mutate, random), attempt, random);
}

arch::Subnet PredictorNsga2::Child(const std::vector<Member>& parents, int attempt,
                                   Random& random) const {
  // The parents stand best first, so the smaller index wins a tournament.
  const auto winner = [&]() -> const arch::Subnet& {
    const uint64_t a = random.Uniform(parents.size());
    const uint64_t b = random.Uniform(parents.size());
    return parents[std::min(a, b)].subnet;
  };
  const arch::Subnet& first = winner();
  const arch::Subnet& second = winner();
  arch::MutateOptions mutate;
  mutate.probability = MutationProbability(options_.mutation_probability, attempt);
  mutate.resolution_probability = mutate.probability;
  return arch::MutateSubnet(space_, arch::CrossoverSubnets(space_, first, second, random), mutate,
                            random);
}

void PredictorNsga2::Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) {
  NIWAKI_CHECK(slot == told_);
  const int64_t before = version();
  ++told_;
  // A network that could not be scored is not proposed again, but teaches nothing.
  if (outcome.kind != Outcome::Kind::kInfeasible) known_.insert(subnet);
  if (outcome.kind == Outcome::Kind::kScored) {
    Learn(subnet, outcome);
    fresh_.push_back({slot, subnet, outcome.objectives});
  }
  if (version() != before) Propose();
}

void PredictorNsga2::Learn(const arch::Subnet& subnet, const Outcome& outcome) {
  NIWAKI_CHECK(static_cast<int>(outcome.objectives.size()) == num_objectives_);
  if (model_ == nullptr) {
    num_usages_ = static_cast<int>(outcome.usages.size());
    model_ = std::make_unique<RidgeRegression>(features_.size(), num_objectives_ + num_usages_,
                                               kPenalty);
  }
  std::vector<double> targets = outcome.objectives;
  targets.insert(targets.end(), outcome.usages.begin(), outcome.usages.end());
  model_->Add(features_.Of(subnet), targets);
}

Member PredictorNsga2::Predicted(const arch::Subnet& subnet) const {
  Member member;
  member.subnet = subnet;
  const std::vector<double> features = features_.Of(subnet);
  double excess = 0;
  for (int i = 0; i < num_usages_; ++i) {
    excess = std::max(excess, model_->Predict(features, num_objectives_ + i) - 1);
  }
  for (int i = 0; i < num_objectives_; ++i) {
    // Far from the data a logarithmic fit may leave the range of numbers.
    const double value = std::min(model_->Predict(features, i), kBroken);
    member.objectives.push_back(excess > 0 ? kBroken * (1 + std::min(excess, 1e6)) : value);
  }
  return member;
}

void PredictorNsga2::Propose() {
  std::move(fresh_.begin(), fresh_.end(), std::back_inserter(parents_));
  fresh_.clear();
  if (parents_.empty()) return;
  KeepBest(options_.population, parents_);
  model_->Fit();
  Random random(DeriveSeed(DeriveSeed(seed_, kSearchStream), version()));
  // Of the search on the predictor.
  std::vector<Member> population;
  // Every network met that was not told, in the order met.
  std::vector<Member> met;
  absl::flat_hash_set<arch::Subnet> seen;
  const auto add = [&](const arch::Subnet& subnet) {
    if (!seen.insert(subnet).second) return;
    Member member = Predicted(subnet);
    member.slot = static_cast<int64_t>(seen.size());
    population.push_back(member);
    if (!known_.contains(subnet)) met.push_back(std::move(member));
  };
  for (const Member& member : parents_) add(member.subnet);
  while (static_cast<int>(population.size()) < options_.population &&
         static_cast<int>(seen.size()) < space_.Size()) {
    add(arch::SampleSubnet(space_, random));
  }
  KeepBest(options_.population, population);
  for (int generation = 0; generation < options_.generations; ++generation) {
    const std::vector<Member> elders = population;
    for (int i = 0; i < options_.population; ++i) add(Child(elders, /*attempt=*/0, random));
    KeepBest(options_.population, population);
  }
  KeepBest(kProposalsPerSlot * options_.retrain_every, met);
  proposals_.clear();
  for (Member& member : met) proposals_.push_back(std::move(member.subnet));
}

}  // namespace niwaki::search
