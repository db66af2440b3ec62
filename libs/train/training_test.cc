// Training from end to end on a tiny space: learning, determinism, resumption, checkpoints.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/recipe/step_plan.h"
#include "libs/train/step/channel_sort.h"
#include "libs/train/step/sgd.h"
#include "libs/train/step/train_step.h"
#include "libs/train/trainer.h"

namespace niwaki::train {
namespace {

using tensorfile::Safetensors;
using tensorfile::SerializeSafetensors;
using tensorfile::TensorView;

constexpr uint64_t kSeed = 5;

arch::SearchSpace TinySpace() {
  const auto space = arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3
      resolutions { value: 8 } resolutions { value: 12 }
      stem { width: 8 }
      stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
      stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [2, 3] squeeze_excite: true }
      head {})");
  EXPECT_THAT(space.status(), IsOk());
  return *space;
}

std::string Path(const std::string& name) { return absl::StrCat(::testing::TempDir(), "/", name); }

std::unique_ptr<data::PreparedData> TinyData(uint64_t seed = 1) {
  data::SyntheticOptions options;
  options.classes = 3;
  options.channels = 1;
  options.height = 12;
  options.width = 12;
  options.sizes = {192, 48, 60, 60};
  options.seed = seed;
  options.out = Path(absl::StrCat("tiny", seed, ".nwd"));
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  auto data = data::PreparedData::Open(options.out);
  EXPECT_THAT(data.status(), IsOk());
  return std::move(data).value();
}

TrainOptions TinyOptions(const std::string& output, double epochs) {
  TrainOptions options;
  options.recipe.batch_size = 32;
  options.recipe.shard_size = 16;
  TwoPartOptions parts;
  parts.epochs = epochs;
  parts.learning_rate = 0.05;
  options.recipe.phases = TwoPartPhases(parts);
  options.recipe.augment = Augmentation::kNone;
  options.seed = kSeed;
  options.output = Path(output);
  options.evaluations = 0;
  return options;
}

TrainSummary TrainToEnd(const data::PreparedData& data, const TrainOptions& options) {
  auto trainer = Trainer::Create(TinySpace(), &data, options);
  EXPECT_THAT(trainer.status(), IsOk());
  auto summary = (*trainer)->Run();
  EXPECT_THAT(summary.status(), IsOk());
  return *summary;
}

TEST(TrainingTest, BothEndsOfTheSpaceLearn) {
  const auto data = TinyData();

  const TrainSummary summary = TrainToEnd(*data, TinyOptions("learn.safetensors", 12));

  EXPECT_GT(summary.validation.largest.top1, 0.8);
  EXPECT_GT(summary.validation.smallest.top1, 0.6);
  EXPECT_EQ(summary.test.largest.images, 60);
  EXPECT_EQ(summary.steps, 72);
  EXPECT_FALSE(FileExists(CheckpointPath(summary.output)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LoadedSupernet loaded,
                              LoadSupernetOf(TinySpace(), summary.output));
  EXPECT_EQ(loaded.manifest.data_digest, data->digest());
  EXPECT_EQ(loaded.manifest.data.class_names, data->metadata().class_names);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const EndScores again, ScoreEnds(*loaded.supernet, *data, {}));
  EXPECT_EQ(again.largest.loss, summary.validation.largest.loss);
}

TEST(TrainingTest, ThreadsDoNotChangeTheWeights) {
  const auto data = TinyData();
  TrainOptions one = TinyOptions("one.safetensors", 2);
  one.threads = 1;
  TrainOptions three = TinyOptions("three.safetensors", 2);
  three.threads = 3;

  EXPECT_EQ(TrainToEnd(*data, one).digest, TrainToEnd(*data, three).digest);
}

TEST(TrainingTest, InterruptedTrainingEndsInTheSameWeights) {
  const auto data = TinyData();
  const std::string undisturbed = TrainToEnd(*data, TinyOptions("whole.safetensors", 3)).digest;
  std::atomic<bool> stop = false;
  TrainOptions options = TinyOptions("parts.safetensors", 3);
  options.stop = &stop;
  std::string digest;

  // Stopped before and after the channels are sorted, at step 5 and at step 11 of 18.
  for (const int64_t last_step : {5, 11, 1000}) {
    stop = false;
    options.resume = last_step > 5;
    options.on_progress = [&](const TrainProgress& progress) { stop = progress.step >= last_step; };
    auto trainer = Trainer::Create(TinySpace(), data.get(), options);
    ASSERT_THAT(trainer.status(), IsOk());
    const auto summary = (*trainer)->Run();
    if (last_step < 1000) {
      EXPECT_THAT(summary, HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
    } else {
      ASSERT_THAT(summary.status(), IsOk());
      digest = summary->digest;
    }
  }

  EXPECT_EQ(digest, undisturbed);
}

// Full net, kernel, depth and expand phases of a few steps each, with every kind of teacher,
// sorting and dropout.
Recipe ShrinkingRecipe() {
  const auto recipe = Recipe::FromJson(R"({
      "batch_size": 32, "shard_size": 16, "augment": "none", "dropout": 0.1,
      "phases": [
        {"name": "full", "epochs": 0.5, "learning_rate": 0.05, "kernel_sizes": "largest",
         "expand_ratios": "largest", "depths": "largest"},
        {"name": "kernel", "epochs": 0.34, "learning_rate": 0.05, "expand_ratios": "largest",
         "depths": "largest", "teacher": "full"},
        {"name": "depth", "epochs": 0.34, "expand_ratios": "largest", "subnets": 2,
         "teacher": "full", "distillation": "mse", "kd_ratio": 0.1},
        {"name": "expand", "epochs": 0.34, "learning_rate": 0.02, "subnets": 2, "teacher": "live",
         "sort_channels": 0}]})",
                                       "shrinking");
  EXPECT_THAT(recipe.status(), IsOk());
  return *recipe;
}

TEST(TrainingTest, InterruptionAtAnyStepOfAnyPhaseChangesNoBit) {
  const auto data = TinyData();
  TrainOptions whole = TinyOptions("shrink_whole.safetensors", 1);
  whole.recipe = ShrinkingRecipe();
  const TrainSummary undisturbed = TrainToEnd(*data, whole);
  ASSERT_EQ(undisturbed.steps, 9);

  for (int64_t stop_at = 0; stop_at < undisturbed.steps; ++stop_at) {
    SCOPED_TRACE(absl::StrCat("stopped at step ", stop_at));
    std::atomic<bool> stop = stop_at == 0;
    TrainOptions options = whole;
    options.output = Path(absl::StrCat("shrink", stop_at, ".safetensors"));
    options.stop = &stop;
    options.on_progress = [&](const TrainProgress& progress) { stop = progress.step >= stop_at; };
    auto trainer = Trainer::Create(TinySpace(), data.get(), options);
    ASSERT_THAT(trainer.status(), IsOk());
    ASSERT_THAT((*trainer)->Run(), HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
    options.resume = true;
    options.stop = nullptr;
    options.on_progress = nullptr;

    EXPECT_EQ(TrainToEnd(*data, options).digest, undisturbed.digest);
  }
}

TEST(TrainingTest, ProgressNamesThePhasesInOrder) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("phases.safetensors", 1);
  options.recipe = ShrinkingRecipe();
  options.recipe.phase_validation = PhaseValidation::kCorners;
  options.evaluations = 1;
  std::vector<std::string> names;
  std::map<std::string, size_t> corners;
  options.on_progress = [&](const TrainProgress& progress) {
    if (names.empty() || names.back() != progress.phase) names.push_back(progress.phase);
    if (!progress.corners.empty()) corners[progress.phase] = progress.corners.size();
  };

  TrainToEnd(*data, options);

  EXPECT_EQ(names, std::vector<std::string>({"full", "kernel", "depth", "expand"}));
  // One subnet, then one dimension more at both ends in each phase, at two resolutions each.
  EXPECT_EQ(corners["full"], 2u);
  EXPECT_EQ(corners["kernel"], 4u);
  EXPECT_EQ(corners["depth"], 8u);
  EXPECT_EQ(corners["expand"], 16u);
}

TEST(TrainingTest, PhasesShareATimeBudget) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("minutes.safetensors", 1);
  options.recipe = ShrinkingRecipe();
  FakeClock clock;
  options.clock = &clock;
  options.minutes = 1;
  options.checkpoint_seconds = 1e6;
  std::map<std::string, int> steps;
  options.on_progress = [&](const TrainProgress& progress) {
    ++steps[progress.phase];
    clock.Advance(absl::Seconds(2));
  };

  TrainToEnd(*data, options);

  // Of 30 steps of two seconds, in the proportion 0.5 : 0.34 : 0.34 : 0.34.
  EXPECT_NEAR(steps["full"], 10, 1);
  EXPECT_NEAR(steps["kernel"], 7, 1);
  EXPECT_NEAR(steps["expand"], 7, 1);
}

TEST(TrainingTest, SchedulesThatDoNotNestAreRefusedBeforeTraining) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("nest.safetensors", 1);
  options.recipe = ShrinkingRecipe();
  options.recipe.phases[3].kernel_sizes.kind = ChoiceRule::Kind::kLargest;

  EXPECT_THAT(Trainer::Create(TinySpace(), data.get(), options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "phase 'expand' allows kernel_sizes {5}, but phase 'depth' before it has "
                       "trained {3,5}"));
}

TEST(TrainingTest, DataWithOtherClassesIsRefused) {
  const auto data = TinyData();

  EXPECT_THAT(Trainer::Create(TinySpace().WithNumClasses(5), data.get(),
                              TinyOptions("classes.safetensors", 1)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the data has 3 classes, the search space wants 5"));
}

TEST(TrainingTest, PrecisionIsForCuda) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("precision.safetensors", 1);
  options.precision = "bf16";

  EXPECT_THAT(Trainer::Create(TinySpace(), data.get(), options),
              StatusIs(absl::StatusCode::kInvalidArgument, "precision bf16"));
}

TEST(TrainingTest, ResumeRefusesOtherDataAndSpaces) {
  const auto data = TinyData();
  const auto other = TinyData(/*seed=*/2);
  std::atomic<bool> stop = true;
  TrainOptions options = TinyOptions("resume.safetensors", 1);
  options.stop = &stop;
  auto trainer = Trainer::Create(TinySpace(), data.get(), options);
  ASSERT_THAT(trainer.status(), IsOk());
  EXPECT_THAT((*trainer)->Run(), HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
  options.resume = true;
  TrainOptions nothing = TinyOptions("nothing.safetensors", 1);
  nothing.resume = true;

  EXPECT_THAT(Trainer::Create(TinySpace(), other.get(), options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(LoadSupernetOf(*arch::CatalogueSpace("kws"), CheckpointPath(options.output)),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(Trainer::Create(TinySpace(), data.get(), nothing),
              StatusIs(absl::StatusCode::kNotFound, "nothing.safetensors"));
}

TEST(TrainingTest, DivergenceIsAnError) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("diverge.safetensors", 20);
  options.recipe.phases[0].learning_rate = 100;
  options.recipe.gradient_clip = 0;
  options.recipe.momentum = 0.999;
  auto trainer = Trainer::Create(TinySpace(), data.get(), options);
  ASSERT_THAT(trainer.status(), IsOk());

  EXPECT_THAT((*trainer)->Run(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite));
}

TEST(TrainingTest, LogHasOneObjectForEachEvent) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("log.safetensors", 4);
  options.evaluations = 2;
  TrainToEnd(*data, options);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(LogPath(options.output)));

  std::map<std::string, int> events;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Json line,
                                ParseJson(text.substr(begin, end - begin), "line"));
    ++events[line["event"]];
    begin = end + 1;
  }

  EXPECT_EQ(events["start"], 1);
  EXPECT_EQ(events["step"], 1);
  EXPECT_EQ(events["evaluation"], 1);
  EXPECT_EQ(events["phase_end"], 2);
  EXPECT_EQ(events["end"], 1);
}

// Gradients of a step over `images`, on `world` ranks one after the other, their sums added in the
// order of ranks.
class RecordingExchange : public GradientExchange {
 public:
  explicit RecordingExchange(int rank, int world) : rank_(rank), world_(world) {}
  int rank() const override { return rank_; }
  int world_size() const override { return world_; }
  absl::Status Sum(at::Tensor& values) override {
    sums.push_back(values.clone());
    return absl::OkStatus();
  }
  absl::Status Broadcast(at::Tensor&) override { return absl::OkStatus(); }

  std::vector<at::Tensor> sums;

 private:
  const int rank_;
  const int world_;
};

struct StepFixture {
  arch::SearchSpace space = TinySpace();
  Recipe recipe = ShrinkingRecipe();
  Phase phase = recipe.phases[3];
  StepInput input;
  at::Tensor images;
  at::Tensor labels;

  StepFixture() {
    at::manual_seed(kSeed);
    images = at::randn({32, 1, 12, 12}).contiguous(at::MemoryFormat::ChannelsLast);
    labels = at::arange(32, at::kLong).remainder(3);
    recipe.shard_size = 8;
    input.plan = PlanStep(space, *ChoiceSet::Create(space, phase), phase, kSeed, 1);
    input.seed = kSeed;
  }

  // The gradients of rank `rank`'s part, flat.
  at::Tensor Gradients(int rank, int world) {
    auto weights = supernet::SharedWeights::Random(space, kSeed);
    input.shards = ShardsOf(32, recipe.shard_size, rank, world);
    input.images = images.narrow(0, input.shards.first_image(), input.shards.images());
    input.labels = labels.narrow(0, input.shards.first_image(), input.shards.images());
    RecordingExchange exchange(rank, world);
    EXPECT_THAT(AccumulateGradients(space, weights, recipe, phase, input, exchange).status(),
                IsOk());
    if (world > 1) return exchange.sums[0];
    std::vector<at::Tensor> rows;
    weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
      if (tensor.grad().defined()) rows.push_back(tensor.grad().reshape({-1}));
    });
    return at::cat(rows);
  }
};

TEST(TrainStepTest, RanksAddUpToOneProcessBitForBit) {
  StepFixture fixture;
  const at::Tensor alone = fixture.Gradients(0, 1);

  for (const int world : {2, 4}) {
    std::vector<at::Tensor> parts;
    for (int rank = 0; rank < world; ++rank) parts.push_back(fixture.Gradients(rank, world));
    PairwiseOrder(world, [&](int into, int from) { parts[into].add_(parts[from]); });
    EXPECT_TRUE(at::equal(parts[0], alone)) << world << " ranks";
  }
}

TEST(TrainStepTest, GradientsAreSummedOverSubnets) {
  StepFixture fixture;
  fixture.recipe.dropout = 0;
  fixture.phase.teacher = kNoTeacher;
  const arch::Subnet subnet = fixture.input.plan.subnets[0];
  fixture.input.plan.subnets = {subnet};
  const at::Tensor once = fixture.Gradients(0, 1);
  fixture.input.plan.subnets = {subnet, subnet};

  const at::Tensor twice = fixture.Gradients(0, 1);

  EXPECT_LT((twice - 2 * once).abs().max().item<double>(), 1e-4 * once.abs().max().item<double>());
}

TEST(TrainStepTest, ReducedPrecisionIsCloseToFull) {
  StepFixture fixture;
  // LibTorch 1.13 has no gradients of hard-sigmoid and ReLU6 in bfloat16 on a CPU.
  const std::string text = fixture.space.ToTextproto();
  fixture.space = *arch::SearchSpace::FromTextproto(absl::StrReplaceAll(
      text, {{"squeeze_excite: true", ""}, {"ACTIVATION_RELU6", "ACTIVATION_RELU"}}));
  const at::Tensor full = fixture.Gradients(0, 1);
  fixture.input.compute_type = at::kBFloat16;

  const at::Tensor reduced = fixture.Gradients(0, 1);

  const double cosine = (full * reduced).sum().item<double>() /
                        (full.norm().item<double>() * reduced.norm().item<double>());
  EXPECT_GT(cosine, 0.95);
  EXPECT_FALSE(at::equal(full, reduced));
}

TEST(TrainStepTest, LossScaleScalesTheGradients) {
  StepFixture fixture;
  const at::Tensor plain = fixture.Gradients(0, 1);
  fixture.input.loss_scale = 1024;

  EXPECT_TRUE(at::equal(fixture.Gradients(0, 1), plain * 1024));
}

TEST(SgdTest, TensorsThatNobodyUsedAreLeftAlone) {
  auto weights = supernet::SharedWeights::Random(TinySpace(), kSeed);
  SgdOptions options;
  options.weight_decay = 0.1;
  Sgd sgd(&weights, options);
  at::Tensor& used = weights.layer({arch::WeightRole::kStem}).weight;
  const at::Tensor used_before = used.detach().clone();
  const at::Tensor unused = weights.layer({arch::WeightRole::kClassifier}).weight;
  const at::Tensor unused_before = unused.detach().clone();
  used.mutable_grad() = at::zeros_like(used);

  sgd.Step(/*learning_rate=*/1);

  EXPECT_FALSE(at::equal(used, used_before));
  EXPECT_TRUE(at::equal(unused, unused_before));
}

TEST(SgdTest, AGradientThatIsNotFiniteChangesNothing) {
  auto weights = supernet::SharedWeights::Random(TinySpace(), kSeed);
  Sgd sgd(&weights, {});
  at::Tensor& tensor = weights.layer({arch::WeightRole::kStem}).weight;
  const at::Tensor before = tensor.detach().clone();
  tensor.mutable_grad() = at::full_like(tensor, std::numeric_limits<float>::infinity());

  EXPECT_FALSE(std::isfinite(sgd.Step(1)));

  EXPECT_TRUE(at::equal(tensor, before));
  EXPECT_EQ(tensor.grad().abs().max().item<float>(), 0);
}

bool Descends(const at::Tensor& importance) {
  const int64_t pairs = importance.size(0) - 1;
  return (importance.narrow(0, 1, pairs) <= importance.narrow(0, 0, pairs)).all().item<bool>();
}

// Sorts random weights of `space` and expects the largest subnet to compute what it did.
supernet::SharedWeights SortedWithoutChange(const arch::SearchSpace& space, int64_t channels) {
  at::manual_seed(kSeed);
  supernet::SharedWeights weights = supernet::SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  const at::Tensor input = at::randn({4, channels, 12, 12});
  const auto logits = [&] {
    const auto slices = supernet::SliceWeights(weights, graph);
    const auto statistics = supernet::RecalibrateBatchNorm(graph, slices, {input}, 1e-5);
    return supernet::Forward(graph, supernet::WithStatistics(slices, statistics), input, {});
  };
  const at::Tensor before = logits();

  SortExpansionChannels(space, /*stage=*/0, weights);

  EXPECT_LT((logits() - before).abs().max().item<double>(), 1e-4);
  return weights;
}

TEST(ChannelSortTest, LargestSubnetComputesTheSame) {
  c10::InferenceMode no_gradients;

  const auto weights = SortedWithoutChange(TinySpace(), /*channels=*/1);

  EXPECT_TRUE(
      Descends(weights.layer({arch::WeightRole::kProject, 1, 0}).weight.abs().sum({0, 2, 3})));
}

TEST(ChannelSortTest, BottlenecksAreSortedInside) {
  c10::InferenceMode no_gradients;
  const auto space = arch::SearchSpace::FromTextproto(R"(
      name: "residual" input_channels: 3 num_classes: 3
      resolutions { value: 12 }
      stem { width: 8 }
      stages { type: BLOCK_TYPE_BOTTLENECK width: 64 stride: 1 depths: [1, 2] kernel_sizes: [3]
               expand_ratios: [0.25, 0.5] activation: ACTIVATION_RELU }
      head {})");
  NIWAKI_ASSERT_OK(space.status());

  const auto weights = SortedWithoutChange(*space, /*channels=*/3);

  for (const int16_t block : {0, 1}) {
    for (const auto role : {arch::WeightRole::kRestore, arch::WeightRole::kSpatial}) {
      EXPECT_TRUE(Descends(weights.layer({role, 0, block}).weight.abs().sum({0, 2, 3})));
    }
  }
}

// A supernet file whose tensors `change` has altered.
template <typename Change>
std::string DamagedSupernet(const std::string& name, Change change) {
  const auto supernet = supernet::Supernet::Random(TinySpace(), kSeed);
  Manifest manifest;
  manifest.data = TinyData()->metadata();
  const std::string path = Path(name);
  EXPECT_THAT(SaveSupernet(path, *supernet, manifest), IsOk());
  std::string bytes = *ReadFile(path);
  Safetensors content = *Safetensors::Parse(bytes, path);
  std::string storage;
  change(content, storage);
  EXPECT_THAT(WriteFileAtomically(path, SerializeSafetensors(content.metadata, content.tensors)),
              IsOk());
  return path;
}

TEST(CheckpointTest, DamagedTensorsAreNamedWithBothShapes) {
  const std::string missing = DamagedSupernet(
      "missing", [](Safetensors& file, std::string&) { file.tensors.erase("classifier.bias"); });
  const std::string extra = DamagedSupernet("extra", [](Safetensors& file, std::string&) {
    file.tensors["stem.colour"] = file.tensors["stem.weight"];
  });
  const std::string reshaped = DamagedSupernet("reshaped", [](Safetensors& file, std::string&) {
    file.tensors["stem.weight"].shape = {1, 8, 3, 3};
  });
  const std::string not_finite =
      DamagedSupernet("nan", [](Safetensors& file, std::string& storage) {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        TensorView& tensor = file.tensors["stem.bn.bias"];
        storage.assign(tensor.bytes.data(), tensor.bytes.size());
        storage.replace(8, 4, reinterpret_cast<const char*>(&nan), 4);
        tensor.bytes = storage;
      });

  EXPECT_THAT(LoadSupernet(missing),
              StatusIs(absl::StatusCode::kDataLoss, "classifier.bias is missing"));
  EXPECT_THAT(LoadSupernet(extra),
              StatusIs(absl::StatusCode::kDataLoss, "stem.colour F32 [8,1,3,3]"));
  EXPECT_THAT(LoadSupernet(reshaped),
              StatusIs(absl::StatusCode::kDataLoss, "is F32 [1,8,3,3], expected F32 [8,1,3,3]"));
  EXPECT_THAT(LoadSupernet(not_finite),
              StatusIs(absl::StatusCode::kDataLoss, "stem.bn.bias F32 [8] holds nan at element 2"));
}

TEST(CheckpointTest, ManifestOfAnotherVersionIsRefused) {
  const std::string newer = DamagedSupernet("newer", [](Safetensors& file, std::string&) {
    std::string& manifest = file.metadata[kManifestKey];
    manifest.replace(manifest.find(":1,"), 3, ":9,");
  });
  const std::string none =
      DamagedSupernet("none", [](Safetensors& file, std::string&) { file.metadata.clear(); });

  EXPECT_THAT(LoadSupernet(newer),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
  EXPECT_THAT(LoadSupernet(none), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::train
