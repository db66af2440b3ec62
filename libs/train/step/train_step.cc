#include "libs/train/step/train_step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <string>
#include <utility>

#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/torch_guard.h"

namespace niwaki::train {
namespace {

constexpr uint64_t kDropoutStream = 0x64726f70;

// A part of the batch, with gradients of its own.
struct Shard {
  at::Tensor images;
  at::Tensor labels;
  // Place of its first image in the whole batch.
  int64_t first_image = 0;
  supernet::SharedWeights weights;
  // Sums over the shard's images: the losses, the label losses, the hits of the first subnet.
  std::vector<double> figures;
};

// Handles of the same values that collect gradients apart; running statistics are copied where
// another shard moves them.
supernet::SharedWeights TrainableAlias(const supernet::SharedWeights& weights,
                                       bool own_statistics) {
  supernet::SharedWeights alias = weights.Alias();
  alias.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse use) {
    if (use != supernet::TensorUse::kStatistic) {
      tensor.set_requires_grad(true);
    } else if (own_statistics) {
      tensor = tensor.clone();
    }
  });
  return alias;
}

// The tensors of a graph in `type`, batch norms as they are; gradients pass.
void CastTensors(at::ScalarType type, std::vector<supernet::OpTensors>& tensors) {
  if (type == at::kFloat) return;
  for (supernet::OpTensors& op : tensors) {
    if (op.weight.defined()) op.weight = op.weight.to(type);
    if (op.bias.defined()) op.bias = op.bias.to(type);
  }
}

// Losses are computed in float32 at least.
at::Tensor Widened(const at::Tensor& logits) {
  return logits.to(c10::promoteTypes(logits.scalar_type(), at::kFloat));
}

// One shard's work on a step.
class ShardRun {
 public:
  ShardRun(const arch::SearchSpace& space, const Recipe& recipe, const Phase& phase,
           const StepInput& input, Shard& shard)
      : space_(space), recipe_(recipe), phase_(phase), input_(input), shard_(shard) {}

  void Run() {
    const size_t count = input_.plan.subnets.size();
    shard_.figures.assign(2 * count + 1, 0);
    for (size_t i = 0; i < count; ++i) {
      const at::Tensor logits = Logits(shard_.weights, input_.plan.subnets[i], i);
      if (!teacher_.defined()) teacher_ = TeacherLogits(i, logits);
      const at::Tensor label_loss =
          at::cross_entropy_loss(logits, shard_.labels, /*weight=*/{}, at::Reduction::Mean,
                                 /*ignore_index=*/-100, recipe_.label_smoothing);
      const at::Tensor loss = IsTeacher(i) ? label_loss : Distilled(logits, label_loss);
      (loss * input_.loss_scale).backward();
      const double images = static_cast<double>(shard_.labels.size(0));
      shard_.figures[i] = images * loss.item<double>();
      shard_.figures[count + i] = images * label_loss.item<double>();
      if (i == 0) shard_.figures[2 * count] = Hits(logits);
    }
  }

 private:
  bool LearnsFromTeacher() const { return phase_.teacher != kNoTeacher; }
  bool TeacherIsLive() const { return phase_.teacher == kLiveTeacher; }
  // Whether subnet `i` is the one that the others learn from, or learns from labels alone.
  bool IsTeacher(size_t i) const {
    if (!LearnsFromTeacher()) return true;
    return TeacherIsLive() && i == 0 && input_.plan.subnets[0] == input_.plan.largest;
  }

  at::Tensor TeacherLogits(size_t i, const at::Tensor& logits) {
    if (!LearnsFromTeacher()) return {};
    if (IsTeacher(i)) return logits.detach();
    c10::AutoGradMode no_gradients(false);
    if (TeacherIsLive()) return Observed(shard_.weights, input_.plan.largest);
    arch::Subnet largest = arch::MaxSubnet(space_);
    largest.genes[space_.layout().resolution] = input_.plan.resolution;
    return Observed(*input_.teacher, largest);
  }

  at::Tensor Distilled(const at::Tensor& logits, const at::Tensor& label_loss) const {
    const at::Tensor distance = phase_.distillation == DistillationLoss::kMeanSquare
                                    ? at::mse_loss(logits, teacher_)
                                    : -(teacher_.softmax(1) * logits.log_softmax(1)).sum(1).mean();
    if (phase_.label_ratio == 0) return distance * phase_.kd_ratio;
    return distance * phase_.kd_ratio + label_loss * phase_.label_ratio;
  }

  double Hits(const at::Tensor& logits) const {
    return logits.detach().argmax(1).eq(shard_.labels).sum().item<double>();
  }

  // Logits by the batch's own statistics that leave no trace.
  at::Tensor Observed(const supernet::SharedWeights& weights, const arch::Subnet& subnet) const {
    const arch::Graph graph = arch::BuildGraph(space_, subnet);
    supernet::BatchNormStatistics unused;
    supernet::ForwardOptions options;
    options.mode = supernet::NormMode::kObserve;
    options.eps = space_.batch_norm_eps();
    options.observed = &unused;
    return Forward(graph, weights, options);
  }

  at::Tensor Forward(const arch::Graph& graph, const supernet::SharedWeights& weights,
                     const supernet::ForwardOptions& options) const {
    auto tensors = supernet::SliceWeights(weights, graph);
    CastTensors(input_.compute_type, tensors);
    return Widened(
        supernet::Forward(graph, tensors, shard_.images.to(input_.compute_type), options));
  }

  at::Tensor Logits(const supernet::SharedWeights& weights, const arch::Subnet& subnet,
                    size_t index) const {
    arch::Graph graph = arch::BuildGraph(space_, subnet);
    supernet::ForwardOptions options;
    options.mode = supernet::NormMode::kTrain;
    options.eps = space_.batch_norm_eps();
    if (recipe_.dropout == 0) return Forward(graph, weights, options);
    // The classifier apart, with dropout in front of it.
    auto tensors = supernet::SliceWeights(weights, graph);
    CastTensors(input_.compute_type, tensors);
    const supernet::OpTensors classifier = tensors.back();
    graph.output = graph.ops.back().input;
    graph.ops.pop_back();
    tensors.pop_back();
    const at::Tensor features =
        supernet::Forward(graph, tensors, shard_.images.to(input_.compute_type), options);
    const at::Tensor kept = features * DropoutMask(features, index);
    return Widened(at::linear(kept, classifier.weight, classifier.bias));
  }

  // [n, features]: 0 or 1 / (1 - dropout).
  at::Tensor DropoutMask(const at::Tensor& features, size_t index) const {
    at::Tensor mask = at::empty(features.sizes(), at::kFloat);
    float* values = mask.data_ptr<float>();
    const auto kept = static_cast<float>(1 / (1 - recipe_.dropout));
    const uint64_t step_seed = DeriveSeed(DeriveSeed(input_.seed, kDropoutStream), input_.step);
    for (int64_t row = 0; row < mask.size(0); ++row) {
      Random random(DeriveSeed(DeriveSeed(step_seed, index), shard_.first_image + row));
      for (int64_t column = 0; column < mask.size(1); ++column) {
        *values++ = random.Bernoulli(recipe_.dropout) ? 0.0f : kept;
      }
    }
    return mask.to(features.device(), features.scalar_type());
  }

  const arch::SearchSpace& space_;
  const Recipe& recipe_;
  const Phase& phase_;
  const StepInput& input_;
  Shard& shard_;
  // Set by the first subnet; undefined where there is no teacher.
  at::Tensor teacher_;
};

std::vector<Shard> CutShards(const supernet::SharedWeights& weights, const StepInput& input) {
  std::vector<Shard> shards;
  for (int64_t i = input.shards.first; i < input.shards.last; ++i) {
    const int64_t offset = (i - input.shards.first) * input.shards.shard_size;
    const int64_t length = std::min(input.shards.shard_size, input.images.size(0) - offset);
    shards.push_back({input.images.narrow(0, offset, length),
                      input.labels.narrow(0, offset, length),
                      i * input.shards.shard_size,
                      TrainableAlias(weights, /*own_statistics=*/i > 0),
                      {}});
  }
  return shards;
}

// The gradients of a shard that are defined, in the order of the weights, times its part of the
// batch.
std::vector<at::Tensor> ScaledGradients(Shard& shard, int64_t batch_size) {
  const double share = static_cast<double>(shard.labels.size(0)) / batch_size;
  std::vector<at::Tensor> gradients;
  shard.weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    if (tensor.grad().defined()) gradients.push_back(tensor.mutable_grad().mul_(share));
  });
  return gradients;
}

// Adds the gradients of this process's shards into those of the first.
std::vector<at::Tensor> SumShards(std::vector<Shard>& shards, int64_t batch_size) {
  c10::AutoGradMode no_gradients(false);
  std::vector<std::vector<at::Tensor>> gradients;
  for (Shard& shard : shards) gradients.push_back(ScaledGradients(shard, batch_size));
  PairwiseOrder(static_cast<int>(shards.size()), [&](int into, int from) {
    for (size_t i = 0; i < gradients[into].size(); ++i) {
      gradients[into][i].add_(gradients[from][i]);
    }
    for (size_t i = 0; i < shards[into].figures.size(); ++i) {
      shards[into].figures[i] += shards[from].figures[i];
    }
  });
  return gradients.front();
}

absl::Status SumRanks(GradientExchange& exchange, std::vector<at::Tensor>& gradients,
                      std::vector<double>& figures) {
  if (exchange.world_size() == 1) return absl::OkStatus();
  c10::AutoGradMode no_gradients(false);
  std::vector<at::Tensor> rows;
  for (const at::Tensor& gradient : gradients) rows.push_back(gradient.reshape({-1}));
  at::Tensor flat = at::cat(rows);
  NIWAKI_RETURN_IF_ERROR(exchange.Sum(flat));
  int64_t offset = 0;
  for (at::Tensor& gradient : gradients) {
    gradient.copy_(flat.narrow(0, offset, gradient.numel()).view(gradient.sizes()));
    offset += gradient.numel();
  }
  at::Tensor sums = at::empty({static_cast<int64_t>(figures.size())}, at::kDouble);
  std::copy(figures.begin(), figures.end(), sums.data_ptr<double>());
  NIWAKI_RETURN_IF_ERROR(exchange.Sum(sums));
  std::copy_n(sums.data_ptr<double>(), figures.size(), figures.begin());
  return absl::OkStatus();
}

// Adds the sums to the gradients of `weights`; `first` says which tensors have one.
void AddGradients(Shard& first, const std::vector<at::Tensor>& sums,
                  supernet::SharedWeights& weights) {
  c10::AutoGradMode no_gradients(false);
  std::vector<bool> defined;
  first.weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    defined.push_back(tensor.grad().defined());
  });
  size_t tensor_index = 0, next = 0;
  weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    if (!defined[tensor_index++]) return;
    const at::Tensor& sum = sums[next++];
    if (tensor.grad().defined()) {
      tensor.mutable_grad().add_(sum);
    } else {
      tensor.mutable_grad() = sum.detach().contiguous();
    }
  });
}

StepResult ResultOf(const std::vector<double>& figures, int64_t batch_size) {
  StepResult result;
  const size_t count = figures.size() / 2;
  for (size_t i = 0; i < count; ++i) {
    result.losses.push_back(figures[i] / batch_size);
    result.label_losses.push_back(figures[count + i] / batch_size);
  }
  result.accuracy = figures[2 * count] / batch_size;
  return result;
}

}  // namespace

int64_t ShardRange::images() const {
  return std::min(last * shard_size, batch_size) - first_image();
}

ShardRange ShardsOf(int64_t batch_size, int64_t shard_size, int rank, int world_size) {
  ShardRange range;
  range.batch_size = batch_size;
  range.shard_size = shard_size > 0 ? std::min(shard_size, batch_size) : batch_size;
  range.total = (batch_size + range.shard_size - 1) / range.shard_size;
  range.first = range.total * rank / world_size;
  range.last = range.total * (rank + 1) / world_size;
  return range;
}

absl::StatusOr<StepResult> AccumulateGradients(const arch::SearchSpace& space,
                                               supernet::SharedWeights& weights,
                                               const Recipe& recipe, const Phase& phase,
                                               const StepInput& input, GradientExchange& exchange) {
  std::vector<Shard> shards = CutShards(weights, input);
  data::ParallelOptions parallel;
  parallel.threads = input.threads;
  NIWAKI_RETURN_IF_ERROR(
      data::ParallelFor(static_cast<int64_t>(shards.size()), parallel, [&](int64_t i) {
        return supernet::GuardTorch("training step", [&] {
          supernet::SetOperatorThreads(1);
          ShardRun(space, recipe, phase, input, shards[i]).Run();
        });
      }));
  return supernet::GuardTorch("sum gradients", [&]() -> absl::StatusOr<StepResult> {
    std::vector<at::Tensor> sums = SumShards(shards, input.shards.batch_size);
    std::vector<double>& figures = shards.front().figures;
    NIWAKI_RETURN_IF_ERROR(SumRanks(exchange, sums, figures));
    AddGradients(shards.front(), sums, weights);
    return ResultOf(figures, input.shards.batch_size);
  });
}

}  // namespace niwaki::train
