#include "libs/supernet/scorer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/fused_network.h"
#include "libs/supernet/images.h"
#include "libs/supernet/recalibrate.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr int kMaxBatch = 4096;
constexpr int kMaxThreads = 256;
constexpr int64_t kMaxImages = 1 << 24;

absl::Status CheckRange(absl::string_view field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(absl::StrCat("[", low, ",", high, "]"))
      .Message(absl::StrCat(field, " ", value, " is not between ", low, " and ", high));
}

struct Moment {
  absl::Time wall;
  // Of the whole process.
  double cpu_seconds;

  static Moment Now() {
    timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return {absl::Now(), static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
  }
};

// Sums over the images of one batch.
struct BatchTally {
  int64_t top1 = 0;
  int64_t top5 = 0;
  double loss = 0;
  bool finite = true;
};

// One image's logits: rank of the label (ties go to the lower class) and cross entropy.
void Count(const float* logits, int64_t classes, int64_t label, BatchTally& tally) {
  const double largest = *std::max_element(logits, logits + classes);
  double sum = 0;
  int rank = 0;
  for (int64_t c = 0; c < classes; ++c) {
    sum += std::exp(logits[c] - largest);
    if (logits[c] > logits[label] || (logits[c] == logits[label] && c < label)) ++rank;
  }
  tally.loss += std::log(sum) + largest - logits[label];
  tally.top1 += rank < 1;
  tally.top5 += rank < 5;
  tally.finite = tally.finite && std::isfinite(tally.loss);
}

// The images that one resolution needs.
struct Inputs {
  LabelledImages calibration;
  LabelledImages evaluation;
};

class TorchScorer : public Scorer {
 public:
  TorchScorer(const Supernet* supernet, const data::PreparedData* data, const ScoreOptions& options)
      : supernet_(*supernet), data_(*data), options_(options), device_(options.device) {}

  absl::StatusOr<Score> ScoreSubnet(const arch::Subnet& subnet) override {
    const arch::SearchSpace& space = supernet_.space();
    NIWAKI_RETURN_IF_ERROR(arch::Validate(space, subnet));
    NIWAKI_ASSIGN_OR_RETURN(const Inputs* inputs, InputsFor(arch::ResolutionOf(space, subnet)));
    return GuardTorch("score subnet",
                      [&] { return Run(arch::BuildGraph(space, subnet), *inputs); });
  }

 private:
  absl::StatusOr<const Inputs*> InputsFor(const arch::Resolution& resolution) {
    const auto found = inputs_.find(resolution.value);
    if (found != inputs_.end()) return &found->second;
    Inputs inputs;
    NIWAKI_ASSIGN_OR_RETURN(
        inputs.calibration,
        LoadFirstImages(data_, data::Split::kCalibration, options_.calibration_images, resolution));
    NIWAKI_ASSIGN_OR_RETURN(
        inputs.evaluation,
        LoadFirstImages(data_, options_.split, options_.evaluation_images, resolution));
    return &(inputs_[resolution.value] = std::move(inputs));
  }

  absl::StatusOr<Score> Run(const arch::Graph& graph, const Inputs& inputs) {
    c10::InferenceMode no_gradients;
    const double eps = supernet_.space().batch_norm_eps();
    const Moment start = Moment::Now();
    std::vector<OpTensors> tensors = SliceWeights(supernet_.weights(), graph);
    for (OpTensors& op : tensors) Localise(op);
    NIWAKI_ASSIGN_OR_RETURN(const BatchNormStatistics statistics,
                            Recalibrate(graph, tensors, inputs.calibration));
    const Moment recalibrated = Moment::Now();
    tensors = FoldBatchNorm(WithStatistics(std::move(tensors), statistics), eps);
    NIWAKI_ASSIGN_OR_RETURN(Score score,
                            Evaluate(LogitsOf(graph, std::move(tensors)), inputs.evaluation));
    const Moment end = Moment::Now();
    score.recalibration_seconds = absl::ToDoubleSeconds(recalibrated.wall - start.wall);
    score.evaluation_seconds = absl::ToDoubleSeconds(end.wall - recalibrated.wall);
    score.recalibration_cpu_seconds = recalibrated.cpu_seconds - start.cpu_seconds;
    score.evaluation_cpu_seconds = end.cpu_seconds - recalibrated.cpu_seconds;
    return score;
  }

  // What gives logits from images with the folded `tensors`: our own kernels where they apply.
  using LogitsFunction = std::function<at::Tensor(const at::Tensor& images)>;
  LogitsFunction LogitsOf(const arch::Graph& graph, std::vector<OpTensors> tensors) const {
    const EvalKernels* kernels = device_.is_cpu() ? UsableEvalKernels() : nullptr;
    if (kernels != nullptr && FusedNetwork::Supports(graph)) {
      auto network = std::make_shared<FusedNetwork>(graph, tensors, *kernels);
      return [network](const at::Tensor& images) { return network->Logits(images); };
    }
    for (OpTensors& op : tensors) Localise(op);
    return [this, &graph, tensors = std::move(tensors)](const at::Tensor& images) {
      return Forward(graph, tensors, images.to(device_), {});
    };
  }

  // On the device, and kernels in the layout that convolutions read, once instead of in every
  // batch.
  void Localise(OpTensors& op) const {
    for (at::Tensor* tensor : {&op.weight, &op.bias, &op.norm_weight, &op.norm_bias}) {
      if (tensor->defined()) *tensor = tensor->to(device_);
    }
    if (!op.weight.defined()) return;
    op.weight = op.weight.contiguous(op.weight.dim() == 4 ? at::MemoryFormat::ChannelsLast
                                                          : at::MemoryFormat::Contiguous);
  }

  // Runs body(i) for each batch of `size` images, on options_.threads threads.
  absl::Status ForEachBatch(
      int64_t images, int size,
      const std::function<void(int64_t batch, int64_t first, int64_t count)>& body) {
    data::ParallelOptions parallel;
    parallel.threads = options_.threads;
    const int64_t batches = (images + size - 1) / size;
    return data::ParallelFor(batches, parallel, [&](int64_t batch) {
      return GuardTorch("score batch", [&] {
        SetOperatorThreads(1);
        c10::InferenceMode no_gradients;
        const int64_t first = batch * size;
        body(batch, first, std::min<int64_t>(size, images - first));
      });
    });
  }

  absl::StatusOr<BatchNormStatistics> Recalibrate(const arch::Graph& graph,
                                                  const std::vector<OpTensors>& tensors,
                                                  const LabelledImages& images) {
    const int size = options_.calibration_batch;
    std::vector<BatchContribution> contributions((images.size() + size - 1) / size);
    NIWAKI_RETURN_IF_ERROR(
        ForEachBatch(images.size(), size, [&](int64_t batch, int64_t first, int64_t count) {
          contributions[batch] =
              ObserveBatch(graph, tensors, images.Slice(first, count).to(device_),
                           supernet_.space().batch_norm_eps());
        }));
    return AverageStatistics(contributions);
  }

  absl::StatusOr<Score> Evaluate(const LogitsFunction& logits_of, const LabelledImages& images) {
    const int size = options_.evaluation_batch;
    std::vector<BatchTally> tallies((images.size() + size - 1) / size);
    NIWAKI_RETURN_IF_ERROR(
        ForEachBatch(images.size(), size, [&](int64_t batch, int64_t first, int64_t count) {
          const at::Tensor logits = logits_of(images.Slice(first, count)).to(at::kCPU).contiguous();
          const int64_t classes = logits.size(1);
          for (int64_t i = 0; i < count; ++i) {
            Count(logits.data_ptr<float>() + i * classes, classes, images.labels[first + i],
                  tallies[batch]);
          }
        }));
    return Total(tallies, images.size());
  }

  static absl::StatusOr<Score> Total(const std::vector<BatchTally>& tallies, int64_t images) {
    BatchTally total;
    for (const BatchTally& tally : tallies) {
      total.top1 += tally.top1;
      total.top5 += tally.top5;
      total.loss += tally.loss;
      total.finite = total.finite && tally.finite;
    }
    if (!total.finite) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
          .Field("loss")
          .Value(total.loss)
          .Message(
              "the subnet's outputs are not finite numbers; the supernet's weights have diverged");
    }
    Score score;
    score.images = images;
    score.top1 = static_cast<double>(total.top1) / images;
    score.top5 = static_cast<double>(total.top5) / images;
    score.loss = total.loss / images;
    return score;
  }

  // Constant after construction.
  const Supernet& supernet_;
  const data::PreparedData& data_;
  const ScoreOptions options_;
  const at::Device device_;

  // By the resolution's value.
  std::map<int, Inputs> inputs_;
};

}  // namespace

absl::Status ScoreOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("calibration_images", calibration_images, 0, kMaxImages));
  NIWAKI_RETURN_IF_ERROR(CheckRange("evaluation_images", evaluation_images, 0, kMaxImages));
  NIWAKI_RETURN_IF_ERROR(CheckRange("calibration_batch", calibration_batch, 2, kMaxBatch));
  NIWAKI_RETURN_IF_ERROR(CheckRange("evaluation_batch", evaluation_batch, 1, kMaxBatch));
  NIWAKI_RETURN_IF_ERROR(CheckRange("threads", threads, 1, kMaxThreads));
  return CheckDevice(device);
}

absl::StatusOr<std::unique_ptr<Scorer>> Scorer::Create(const Supernet* supernet,
                                                       const data::PreparedData* data,
                                                       const ScoreOptions& options) {
  NIWAKI_CHECK(supernet != nullptr && data != nullptr);
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckDataFits(supernet->space(), *data));
  for (const data::Split split : {data::Split::kCalibration, options.split}) {
    if (data->size(split) > 0) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("data")
        .Value(data::SplitName(split))
        .Message(absl::StrCat("the data has no examples in the split ", data::SplitName(split)));
  }
  return std::make_unique<TorchScorer>(supernet, data, options);
}

}  // namespace niwaki::supernet
