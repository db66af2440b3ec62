#include "libs/engine/quantise/recalibrate_batch_norm.h"

#include <algorithm>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/float_operators.h"
#include "libs/engine/quantise/float_runner.h"

namespace niwaki::engine {
namespace {

using arch::Op;

// Of one batch norm, [C] each.
struct Moments {
  std::vector<double> mean;
  std::vector<double> variance;
};

// A tensor of every example of a batch.
using BatchValues = std::vector<std::vector<float>>;

// By pixels in order: sums in double precision, deviations from the mean in a second pass.
Moments MomentsOf(const BatchValues& values, int channels) {
  Moments moments = {std::vector<double>(channels), std::vector<double>(channels)};
  int64_t pixels = 0;
  for (const std::vector<float>& example : values) {
    pixels += static_cast<int64_t>(example.size()) / channels;
    for (size_t i = 0; i < example.size(); i += channels) {
      for (int c = 0; c < channels; ++c) moments.mean[c] += example[i + c];
    }
  }
  for (double& mean : moments.mean) mean /= static_cast<double>(pixels);
  for (const std::vector<float>& example : values) {
    for (size_t i = 0; i < example.size(); i += channels) {
      for (int c = 0; c < channels; ++c) {
        const double deviation = example[i + c] - moments.mean[c];
        moments.variance[c] += deviation * deviation;
      }
    }
  }
  for (double& variance : moments.variance) variance /= static_cast<double>(pixels);
  return moments;
}

// One batch through the network, operator by operator.
class BatchRun {
 public:
  BatchRun(const FloatProgram& program, const Examples& examples, int64_t first, int64_t count)
      : program_(program),
        graph_(program.graph()),
        examples_(examples),
        first_(first),
        count_(count),
        values_(graph_.tensors.size()),
        readers_(graph_.tensors.size()) {
    for (const Op& op : graph_.ops) {
      for (const arch::TensorId id : InputsOf(graph_, op)) ++readers_[id];
    }
  }

  // By Op::weight.
  absl::StatusOr<std::vector<Moments>> Run() {
    Allocate(graph_.input);
    for (int64_t i = 0; i < count_; ++i) {
      NIWAKI_RETURN_IF_ERROR(
          examples_.read(first_ + i, absl::MakeSpan(values_[graph_.input][i])));
    }
    moments_.resize(graph_.weights.size());
    for (const Op& op : graph_.ops) RunOperator(op);
    return std::move(moments_);
  }

 private:
  void Allocate(arch::TensorId id) {
    values_[id].assign(count_, std::vector<float>(graph_.shape(id).elements()));
  }

  void RunOperator(const Op& op) {
    Allocate(op.output);
    const auto inputs = InputsOf(graph_, op);
    for (int64_t i = 0; i < count_; ++i) {
      absl::InlinedVector<absl::Span<const float>, 2> spans;
      for (const arch::TensorId id : inputs) spans.push_back(values_[id][i]);
      program_.Compute(op, spans, absl::MakeSpan(values_[op.output][i]));
    }
    for (const arch::TensorId id : inputs) {
      if (--readers_[id] == 0) values_[id] = {};
    }
    if (op.batch_norm) {
      moments_[op.weight] = MomentsOf(values_[op.output], OutputChannels(graph_, op));
    }
    for (std::vector<float>& example : values_[op.output]) {
      if (op.batch_norm) {
        Normalise(program_.network().weights[op.weight], program_.network().batch_norm_eps,
                  moments_[op.weight].mean, moments_[op.weight].variance,
                  absl::MakeSpan(example));
      }
      Activate(op.activation, absl::MakeSpan(example));
    }
  }

  const FloatProgram& program_;
  const arch::Graph& graph_;
  const Examples& examples_;
  const int64_t first_;
  const int64_t count_;
  // By tensor; empty when nobody reads it any more.
  std::vector<BatchValues> values_;
  std::vector<int> readers_;
  std::vector<Moments> moments_;
};

}  // namespace

absl::StatusOr<FloatNetwork> RecalibrateBatchNorm(FloatNetwork network, const Examples& examples,
                                                  int64_t batch, const Loop& loop) {
  constexpr int64_t kLargestBatch = 4096;
  NIWAKI_RETURN_IF_ERROR(CheckRange("calibration batch", batch, 2, kLargestBatch));
  NIWAKI_RETURN_IF_ERROR(CheckExamples(examples, network.graph));
  NIWAKI_ASSIGN_OR_RETURN(const FloatProgram program, FloatProgram::Create(&network));
  const int64_t batches = (examples.count + batch - 1) / batch;
  std::vector<std::vector<Moments>> moments(batches);
  const auto count_of = [&](int64_t b) { return std::min(batch, examples.count - b * batch); };
  NIWAKI_RETURN_IF_ERROR(loop(batches, [&](int64_t b) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(moments[b],
                            BatchRun(program, examples, b * batch, count_of(b)).Run());
    return absl::OkStatus();
  }));
  for (size_t w = 0; w < network.weights.size(); ++w) {
    FloatWeight& weight = network.weights[w];
    for (size_t c = 0; c < weight.norm_mean.size(); ++c) {
      double mean = 0;
      double variance = 0;
      for (int64_t b = 0; b < batches; ++b) {
        const double share =
            static_cast<double>(count_of(b)) / static_cast<double>(examples.count);
        mean += moments[b][w].mean[c] * share;
        variance += moments[b][w].variance[c] * share;
      }
      weight.norm_mean[c] = static_cast<float>(mean);
      weight.norm_variance[c] = static_cast<float>(variance);
    }
  }
  return network;
}

}  // namespace niwaki::engine
