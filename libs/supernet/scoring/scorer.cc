#include "libs/supernet/scoring/scorer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/fused/fused_network.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/scoring/tally.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr int kMaxBatch = 4096;
constexpr int kMaxThreads = 256;
constexpr int64_t kMaxImages = 1 << 24;

struct Moment {
  absl::Time wall;
  // Of the whole process.
  double cpu_seconds;

  static Moment Now(Clock& clock) {
    timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return {clock.Now(), static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
  }
};

// The images that one resolution needs.
struct Inputs {
  LabelledImages calibration;
  LabelledImages evaluation;
};

// What the convolutions of the device's precision class compute in (PrecisionOf).
at::ScalarType ComputeType(const at::Device& device) {
  return device.is_cuda() ? at::kBFloat16 : at::kFloat;
}

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
    if (!options_.keep_statistics) {
      NIWAKI_ASSIGN_OR_RETURN(inputs.calibration,
                              LoadFirstImages(data_, data::Split::kCalibration,
                                              options_.calibration_images, resolution));
    }
    NIWAKI_ASSIGN_OR_RETURN(
        inputs.evaluation,
        LoadFirstImages(data_, options_.split, options_.evaluation_images, resolution));
    if (device_.is_cuda()) {
      // Copies from pinned memory do not wait for the device.
      NIWAKI_RETURN_IF_ERROR(GuardTorch("pin images", [&] {
        if (!options_.keep_statistics) {
          inputs.calibration.images = inputs.calibration.images.pin_memory();
        }
        inputs.evaluation.images = inputs.evaluation.images.pin_memory();
      }));
    }
    return &(inputs_[resolution.value] = std::move(inputs));
  }

  absl::StatusOr<Score> Run(const arch::Graph& graph, const Inputs& inputs) {
    c10::InferenceMode no_gradients;
    const double eps = supernet_.space().batch_norm_eps();
    const Moment start = Moment::Now(*options_.clock);
    std::vector<OpTensors> tensors = SliceWeights(supernet_.weights(), graph);
    for (OpTensors& op : tensors) Move(op);
    if (!options_.keep_statistics) {
      NIWAKI_ASSIGN_OR_RETURN(const BatchNormStatistics statistics,
                              Recalibrate(graph, Prepared(tensors), inputs.calibration));
      tensors = WithStatistics(std::move(tensors), statistics);
    }
    const Moment recalibrated = Moment::Now(*options_.clock);
    tensors = FoldBatchNorm(tensors, eps);
    NIWAKI_ASSIGN_OR_RETURN(Score score, Evaluate(LogitsOf(graph, tensors), inputs.evaluation));
    const Moment end = Moment::Now(*options_.clock);
    score.recalibration_seconds = absl::ToDoubleSeconds(recalibrated.wall - start.wall);
    score.evaluation_seconds = absl::ToDoubleSeconds(end.wall - recalibrated.wall);
    score.recalibration_cpu_seconds = recalibrated.cpu_seconds - start.cpu_seconds;
    score.evaluation_cpu_seconds = end.cpu_seconds - recalibrated.cpu_seconds;
    return score;
  }

  // What gives logits from images with the folded `tensors`: our own kernels where they apply.
  using LogitsFunction = std::function<at::Tensor(const at::Tensor& images)>;
  LogitsFunction LogitsOf(const arch::Graph& graph, const std::vector<OpTensors>& tensors) const {
    const EvalKernels* kernels = device_.is_cpu() ? UsableEvalKernels() : nullptr;
    if (kernels != nullptr && FusedNetwork::Supports(graph)) {
      auto network = std::make_shared<FusedNetwork>(graph, tensors, *kernels);
      return [network](const at::Tensor& images) { return network->Logits(images); };
    }
    return [this, &graph, prepared = Prepared(tensors)](const at::Tensor& images) {
      return Forward(graph, prepared, OnDevice(images), {});
    };
  }

  // In channels last, as the images are.
  at::Tensor OnDevice(const at::Tensor& images) const {
    if (device_.is_cpu()) return images;
    return images.to(device_, images.scalar_type(), /*non_blocking=*/true)
        .to(ComputeType(device_), /*non_blocking=*/true);
  }

  void Move(OpTensors& op) const {
    for (at::Tensor* tensor :
         {&op.weight, &op.bias, &op.norm_weight, &op.norm_bias, &op.norm_mean, &op.norm_var}) {
      if (tensor->defined()) *tensor = tensor->to(device_);
    }
  }

  // Kernels in the type and layout that convolutions read, once instead of in every batch; batch
  // norms stay float32.
  std::vector<OpTensors> Prepared(std::vector<OpTensors> tensors) const {
    for (OpTensors& op : tensors) {
      if (op.bias.defined()) op.bias = op.bias.to(ComputeType(device_));
      if (!op.weight.defined()) continue;
      op.weight = op.weight.to(ComputeType(device_))
                      .contiguous(op.weight.dim() == 4 ? at::MemoryFormat::ChannelsLast
                                                       : at::MemoryFormat::Contiguous);
    }
    return tensors;
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
          contributions[batch] = ObserveBatch(graph, tensors, OnDevice(images.Slice(first, count)),
                                              supernet_.space().batch_norm_eps());
        }));
    return AverageStatistics(contributions);
  }

  absl::StatusOr<Score> Evaluate(const LogitsFunction& logits_of, const LabelledImages& images) {
    const int size = options_.evaluation_batch;
    const int64_t batches = (images.size() + size - 1) / size;
    std::vector<Tally> tallies(batches);
    // Off the CPU the counts stay on the device until the last batch is under way.
    std::vector<at::Tensor> on_device(device_.is_cpu() ? 0 : batches);
    at::Tensor labels;
    if (!device_.is_cpu()) labels = at::tensor(images.labels, at::kLong).to(device_);
    NIWAKI_RETURN_IF_ERROR(
        ForEachBatch(images.size(), size, [&](int64_t batch, int64_t first, int64_t count) {
          const at::Tensor logits = logits_of(images.Slice(first, count));
          if (device_.is_cpu()) {
            tallies[batch] =
                TallyOf(logits, absl::MakeConstSpan(images.labels).subspan(first, count));
          } else {
            on_device[batch] = TallyOnDevice(logits, labels.narrow(0, first, count));
          }
        }));
    Tally total;
    for (const Tally& tally : tallies) total.Add(tally);
    if (!on_device.empty()) total = Collect(at::stack(on_device));
    return ScoreOf(total, images.size());
  }

  static absl::StatusOr<Score> ScoreOf(const Tally& total, int64_t images) {
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

std::string PrecisionOf(const std::string& device) {
  return device == "cuda" ? "cuda-bf16" : "cpu-f32";
}

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
    const bool needed = split == options.split || !options.keep_statistics;
    if (!needed || data->size(split) > 0) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("data")
        .Value(data::SplitName(split))
        .Message(absl::StrCat("the data has no examples in the split ", data::SplitName(split)));
  }
  return std::make_unique<TorchScorer>(supernet, data, options);
}

}  // namespace niwaki::supernet
