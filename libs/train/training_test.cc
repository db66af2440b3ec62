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
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/recalibrate.h"
#include "libs/supernet/weights.h"
#include "libs/train/channel_sort.h"
#include "libs/train/checkpoint.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/trainer.h"
#include "libs/train/training_state.h"

namespace niwaki::train {
namespace {

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
  options.recipe.epochs = epochs;
  options.recipe.learning_rate = 0.05;
  options.recipe.augment = false;
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
  options.recipe.learning_rate = 100;
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
  EXPECT_EQ(events["end"], 1);
}

TEST(ChannelSortTest, LargestSubnetComputesTheSame) {
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  const arch::SearchSpace space = TinySpace();
  supernet::SharedWeights weights = supernet::SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  const at::Tensor input = at::randn({4, 1, 12, 12});
  const auto logits = [&] {
    const auto slices = supernet::SliceWeights(weights, graph);
    const auto statistics = supernet::RecalibrateBatchNorm(graph, slices, {input}, 1e-5);
    return supernet::Forward(graph, supernet::WithStatistics(slices, statistics), input, {});
  };
  const at::Tensor before = logits();

  SortExpansionChannels(space, weights);

  EXPECT_LT((logits() - before).abs().max().item<double>(), 1e-4);
  const at::Tensor importance =
      weights.layer({arch::WeightRole::kProject, 1, 0}).weight.abs().sum({0, 2, 3});
  EXPECT_TRUE((importance.narrow(0, 1, importance.size(0) - 1) <=
               importance.narrow(0, 0, importance.size(0) - 1))
                  .all()
                  .item<bool>());
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
  tensorfile::Safetensors content = *tensorfile::Safetensors::Parse(bytes, path);
  std::string storage;
  change(content, storage);
  EXPECT_THAT(WriteFileAtomically(path, tensorfile::SerializeSafetensors(content.metadata, content.tensors)),
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
