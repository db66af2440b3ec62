#include "libs/search/slot_scheduler.h"

#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Space with 27 networks: one stage of one block, three multipliers.
constexpr char kTinySpace[] = R"(
  name: "tiny" input_channels: 3 num_classes: 10
  resolutions { value: 32 } width_mults: [0.5, 0.75, 1.0]
  stem { width: 8 kernel_size: 3 stride: 2 activation: ACTIVATION_RELU6 }
  stages { width: 16 stride: 1 depths: [1] kernel_sizes: [3, 5, 7] expand_ratios: [3, 4, 6] }
  head {}
)";

arch::SearchSpace TinySpace() { return *arch::SearchSpace::FromTextproto(kTinySpace); }

// What scores and costs are in a test: pure functions of the subnet.
class World {
 public:
  World(const arch::SearchSpace& space, uint64_t seed, double max_cost, int num_objectives)
      : scorer_(space, seed), max_cost_(max_cost), num_objectives_(num_objectives) {}

  bool Feasible(const arch::Subnet& subnet) const { return scorer_.Cost(subnet) <= max_cost_; }
  Outcome OutcomeOf(const arch::Subnet& subnet) const {
    const double loss = scorer_.Loss(subnet);
    // One in sixteen fails.
    if (static_cast<int64_t>(loss * 1e9) % 16 == 0) return {Outcome::Kind::kFailed, {}};
    Objectives objectives = {loss};
    if (num_objectives_ == 2) objectives.push_back(scorer_.Cost(subnet));
    return {Outcome::Kind::kScored, objectives, {scorer_.Cost(subnet) / max_cost_}};
  }

 private:
  const TableScorer scorer_;
  const double max_cost_;
  const int num_objectives_;
};

struct Row {
  std::optional<arch::Subnet> subnet;
  int duplicates = 0;
  int over_limit = 0;
  friend bool operator==(const Row& a, const Row& b) {
    return std::tie(a.subnet, a.duplicates, a.over_limit) ==
           std::tie(b.subnet, b.duplicates, b.over_limit);
  }
};

// The rules, one slot after another and nothing clever.
std::vector<Row> RunPlainly(const arch::SearchSpace& space, const SlotSchedulerOptions& options,
                            const World& world) {
  const auto optimizer = *MakeOptimizer(space, options.optimizer);
  std::vector<Row> rows;
  absl::flat_hash_set<arch::SubnetId> seen;
  int64_t told = 0;
  for (int64_t slot = 0; slot < options.max_slots; ++slot) {
    const int64_t known =
        options.round > 0 ? slot / options.round * options.round : slot - options.lag;
    for (; told < known; ++told) {
      const auto& subnet = rows[told].subnet;
      optimizer->Tell(
          told, subnet.value_or(arch::Subnet()),
          subnet.has_value() ? world.OutcomeOf(*subnet) : Outcome{Outcome::Kind::kInfeasible, {}});
    }
    Row row;
    for (int attempt = 0; attempt < options.max_attempts_per_slot; ++attempt) {
      const arch::Subnet subnet = optimizer->Ask(slot, attempt);
      if (seen.contains(arch::IdOf(space, subnet))) {
        ++row.duplicates;
      } else if (!world.Feasible(subnet)) {
        ++row.over_limit;
      } else {
        row.subnet = subnet;
        seen.insert(arch::IdOf(space, subnet));
        break;
      }
    }
    rows.push_back(row);
  }
  return rows;
}

// Drives a scheduler with random batches, random order of outcomes and random restarts.
class RandomDriver {
 public:
  RandomDriver(const arch::SearchSpace& space, const SlotSchedulerOptions& options,
               const World& world, uint64_t seed)
      : space_(space), options_(options), world_(world), random_(seed) {
    scheduler_ = *SlotScheduler::Create(space_, options_);
  }

  std::vector<Row> Run() {
    while (!scheduler_->done()) {
      const bool progress = Decide();
      if (random_.Bernoulli(0.05)) Restart();
      // Without progress something must be outstanding, or the search would hang.
      if (!progress && outstanding_.empty() && !scheduler_->done()) {
        ADD_FAILURE() << "stuck at slot " << scheduler_->next_slot();
        break;
      }
      const int64_t most = options_.round > 0 ? options_.round : options_.lag + 1;
      EXPECT_LE(outstanding_.size(), static_cast<size_t>(most));
      const uint64_t arrivals = progress ? random_.Uniform(4) : 1 + random_.Uniform(4);
      for (uint64_t i = 0; i < arrivals && !outstanding_.empty(); ++i) Complete();
    }
    return rows_;
  }

 private:
  bool Decide() {
    if (random_.Bernoulli(0.1)) scheduler_->NextProbes(1 + random_.Uniform(20));
    const size_t max_probes = 1 + random_.Uniform(random_.Bernoulli(0.5) ? 3 : 100);
    const std::vector<Probe> probes = scheduler_->NextProbes(max_probes);
    EXPECT_LE(probes.size(), max_probes);
    std::unique_ptr<bool[]> feasible(new bool[probes.size()]);
    for (size_t i = 0; i < probes.size(); ++i) {
      EXPECT_EQ(probes[i].id, arch::IdOf(space_, probes[i].subnet));
      feasible[i] = world_.Feasible(probes[i].subnet);
    }
    const auto decisions = scheduler_->Resolve(absl::MakeConstSpan(feasible.get(), probes.size()));
    for (const Decision& decision : decisions) {
      EXPECT_EQ(decision.slot, static_cast<int64_t>(rows_.size()));
      rows_.push_back({decision.subnet, decision.duplicates, decision.over_limit});
      if (decision.subnet.has_value()) outstanding_.push_back(decision.slot);
    }
    return !probes.empty() || !decisions.empty();
  }

  void Complete() {
    const size_t which = random_.Uniform(outstanding_.size());
    const int64_t slot = outstanding_[which];
    outstanding_.erase(outstanding_.begin() + which);
    outcomes_[slot] = world_.OutcomeOf(*rows_[slot].subnet);
    scheduler_->SetOutcome(slot, outcomes_[slot]);
  }

  void Restart() {
    scheduler_ = *SlotScheduler::Create(space_, options_);
    for (size_t slot = 0; slot < rows_.size(); ++slot) {
      const auto it = outcomes_.find(slot);
      const auto outcome = it == outcomes_.end() ? std::nullopt : std::make_optional(it->second);
      ASSERT_THAT(scheduler_->Restore(slot, rows_[slot].subnet, outcome), IsOk());
    }
  }

  const arch::SearchSpace& space_;
  const SlotSchedulerOptions& options_;
  const World& world_;
  Random random_;
  std::unique_ptr<SlotScheduler> scheduler_;
  std::vector<Row> rows_;
  std::vector<int64_t> outstanding_;
  std::map<int64_t, Outcome> outcomes_;
};

SlotSchedulerOptions RandomOptions(Random& random) {
  SlotSchedulerOptions options;
  const int population = 2 + static_cast<int>(random.Uniform(30));
  switch (random.Uniform(4)) {
    case 0:
      options.optimizer.algorithm = RandomSearchOptions{};
      break;
    case 1:
      options.optimizer.algorithm = EvolutionOptions{population};
      break;
    case 2: {
      PredictorNsga2Options predictor;
      predictor.initial = 8 + population;
      predictor.retrain_every = population;
      predictor.population = 4 + population;
      predictor.generations = 3;
      options.optimizer.algorithm = predictor;
      options.optimizer.num_objectives = 2;
      break;
    }
    default:
      options.optimizer.algorithm = Nsga2Options{population};
      options.optimizer.num_objectives = 2;
  }
  options.optimizer.seed = random.Next();
  options.max_slots = 1 + random.Uniform(150);
  const int64_t lags[] = {0, 1, 3, 16, 200};
  options.lag = lags[random.Uniform(5)];
  const int64_t rounds[] = {0, 0, 1, 7, population};
  options.round = rounds[random.Uniform(5)];
  const int attempts[] = {1, 8, 64};
  options.max_attempts_per_slot = attempts[random.Uniform(3)];
  return options;
}

TEST(SlotSchedulerTest, DecisionsDoNotDependOnOrderTimingOrRestarts) {
  const arch::SearchSpace spaces[] = {*arch::CatalogueSpace("mcunet"), *arch::CatalogueSpace("kws"),
                                      TinySpace()};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const arch::SearchSpace& space = spaces[random.Uniform(3)];
    const SlotSchedulerOptions options = RandomOptions(random);
    // From nothing fits to everything does.
    const double max_costs[] = {-1, 0.3, 0.45, 0.6, 1.1};
    const World world(space, random.Next(), max_costs[random.Uniform(5)],
                      options.optimizer.num_objectives);
    const std::vector<Row> expected = RunPlainly(space, options, world);

    for (uint64_t run = 0; run < 2; ++run) {
      RandomDriver driver(space, options, world, DeriveSeed(seed, run));
      ASSERT_EQ(driver.Run(), expected) << "run " << run;
    }
  }
}

TEST(SlotSchedulerTest, ExhaustedSpaceEndsWithInfeasibleSlots) {
  const arch::SearchSpace space = TinySpace();
  SlotSchedulerOptions options;
  options.optimizer.algorithm = RandomSearchOptions{};
  options.max_slots = 60;
  options.lag = 8;
  const World world(space, 1, 2.0, 1);
  RandomDriver driver(space, options, world, 1);

  const std::vector<Row> rows = driver.Run();

  int found = 0;
  for (const Row& row : rows) found += row.subnet.has_value();
  EXPECT_EQ(found, space.Size());
  EXPECT_EQ(rows.back().duplicates, options.max_attempts_per_slot);
  EXPECT_THAT(rows, SizeIs(60));
}

TEST(SlotSchedulerTest, TightBudgetStillFillsSlotsOfEvolution) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  SlotSchedulerOptions options;
  options.optimizer.algorithm = EvolutionOptions{50};
  options.max_slots = 300;
  const World world(space, 1, 0.12, 1);
  Random random(1);
  int uniform_fits = 0;
  for (int i = 0; i < 10'000; ++i) {
    uniform_fits += world.Feasible(arch::SampleSubnet(space, random));
  }

  const std::vector<Row> rows = RunPlainly(space, options, world);

  int found = 0;
  for (const Row& row : rows) found += row.subnet.has_value();
  EXPECT_LT(uniform_fits, 5);
  EXPECT_GE(found, 290);
}

TEST(SlotSchedulerTest, CreateNamesTheOptionOutOfRange) {
  const arch::SearchSpace space = TinySpace();
  SlotSchedulerOptions good;
  good.optimizer.algorithm = RandomSearchOptions{};
  good.max_slots = 10;
  ASSERT_THAT(SlotScheduler::Create(space, good), IsOk());
  std::vector<std::pair<SlotSchedulerOptions, std::string>> cases(4, {good, ""});
  cases[0].first.max_slots = 0;
  cases[0].second = "max_slots";
  cases[1].first.lag = -1;
  cases[1].second = "lag";
  cases[2].first.max_attempts_per_slot = 0;
  cases[2].second = "max_attempts_per_slot";
  cases[3].first.optimizer.num_objectives = 9;
  cases[3].second = "num_objectives";

  for (const auto& [options, field] : cases) {
    const auto scheduler = SlotScheduler::Create(space, options);
    ASSERT_THAT(scheduler, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(scheduler.status())->field, field);
  }
}

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() : space_(TinySpace()) {
    SlotSchedulerOptions options;
    options.optimizer.algorithm = RandomSearchOptions{};
    options.max_slots = 2;
    scheduler_ = *SlotScheduler::Create(space_, options);
  }
  void ExpectCorrupt(const absl::Status& status) {
    EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  }
  const arch::SearchSpace space_;
  std::unique_ptr<SlotScheduler> scheduler_;
};

TEST_F(RestoreTest, RefusesWhatNoSearchCanHaveWritten) {
  const arch::Subnet good = arch::MaxSubnet(space_);
  arch::Subnet foreign = good;
  foreign.genes[0] = 9;
  arch::Subnet too_short = good;
  too_short.genes.pop_back();
  const double nan = std::numeric_limits<double>::quiet_NaN();

  ExpectCorrupt(scheduler_->Restore(1, good, std::nullopt));
  ExpectCorrupt(scheduler_->Restore(0, foreign, std::nullopt));
  ExpectCorrupt(scheduler_->Restore(0, too_short, std::nullopt));
  ExpectCorrupt(scheduler_->Restore(0, good, Outcome{Outcome::Kind::kScored, {nan}}));
  ExpectCorrupt(scheduler_->Restore(0, good, Outcome{Outcome::Kind::kScored, {1, 2}}));
  NIWAKI_EXPECT_OK(scheduler_->Restore(0, good, std::nullopt));
  ExpectCorrupt(scheduler_->Restore(1, good, std::nullopt));
  NIWAKI_EXPECT_OK(scheduler_->Restore(1, std::nullopt, std::nullopt));
  ExpectCorrupt(scheduler_->Restore(2, std::nullopt, std::nullopt));
}

TEST_F(RestoreTest, WaitsForOutcomesThatWereNotKnown) {
  NIWAKI_ASSERT_OK(scheduler_->Restore(0, arch::MaxSubnet(space_), std::nullopt));
  NIWAKI_ASSERT_OK(scheduler_->Restore(1, std::nullopt, std::nullopt));

  EXPECT_TRUE(scheduler_->all_decided());
  EXPECT_FALSE(scheduler_->done());
  EXPECT_THAT(scheduler_->NextProbes(8), IsEmpty());
  scheduler_->SetOutcome(0, {Outcome::Kind::kFailed, {}});
  EXPECT_TRUE(scheduler_->done());
}

using SlotSchedulerDeathTest = RestoreTest;

TEST_F(SlotSchedulerDeathTest, SecondOutcomeOfSlotIsDefect) {
  NIWAKI_ASSERT_OK(scheduler_->Restore(0, arch::MaxSubnet(space_), std::nullopt));
  scheduler_->SetOutcome(0, {Outcome::Kind::kScored, {1.0}});
  EXPECT_DEATH(scheduler_->SetOutcome(0, {Outcome::Kind::kScored, {1.0}}), "");
  EXPECT_DEATH(scheduler_->SetOutcome(1, {Outcome::Kind::kScored, {1.0}}), "");
}

}  // namespace
}  // namespace niwaki::search
