#include "libs/engine/quantise/float_runner.h"

#include <algorithm>
#include <cmath>

#include "absl/container/inlined_vector.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;

void Concatenate(absl::Span<const absl::Span<const float>> inputs, int64_t pixels,
                 absl::Span<float> output) {
  float* out = output.data();
  for (int64_t pixel = 0; pixel < pixels; ++pixel) {
    for (const absl::Span<const float>& input : inputs) {
      const int64_t channels = static_cast<int64_t>(input.size()) / pixels;
      out = std::copy_n(input.data() + pixel * channels, channels, out);
    }
  }
}

}  // namespace

absl::StatusOr<FloatProgram> FloatProgram::Create(const FloatNetwork* network) {
  NIWAKI_RETURN_IF_ERROR(Validate(*network));
  FloatProgram program(network);
  program.weights_.resize(network->weights.size());
  for (const Op& op : network->graph.ops) {
    if (!HasWeights(op)) continue;
    program.weights_[op.weight] = PackedWeight(network->graph, op, network->weights[op.weight]);
  }
  return program;
}

void FloatProgram::Compute(const Op& op, absl::Span<const absl::Span<const float>> inputs,
                           absl::Span<float> output) const {
  switch (op.kind) {
    case OpKind::kConv2d:
    case OpKind::kLinear:
      return Convolve(graph(), op, weights_[op.weight], inputs[0], output);
    case OpKind::kDepthwiseConv2d:
      return ConvolveDepthwise(graph(), op, weights_[op.weight], inputs[0], output);
    case OpKind::kAdd:
    case OpKind::kMul:
      return Combine(op.kind, inputs[0], inputs[1], output);
    case OpKind::kMaxPool:
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
      return Pool(graph(), op, inputs[0], output);
    case OpKind::kSoftmax:
      return Softmax(OutputChannels(graph(), op), inputs[0], output);
    case OpKind::kConcat: {
      const arch::TensorShape& shape = graph().shape(op.output);
      return Concatenate(inputs, int64_t{shape.height} * shape.width, output);
    }
    case OpKind::kReshape:
    case OpKind::kActivation:
      std::copy(inputs[0].begin(), inputs[0].end(), output.begin());
      return;
    default:
      // Validate refuses the others.
      NIWAKI_CHECK(false);
  }
}

void Normalise(const FloatWeight& weight, double eps, absl::Span<const double> mean,
               absl::Span<const double> variance, absl::Span<float> values) {
  const size_t channels = weight.norm_scale.size();
  std::vector<float> factors(channels);
  std::vector<float> shifts(channels);
  for (size_t c = 0; c < channels; ++c) {
    const double factor = weight.norm_scale[c] / std::sqrt(variance[c] + eps);
    factors[c] = static_cast<float>(factor);
    shifts[c] = static_cast<float>(weight.norm_shift[c] - mean[c] * factor);
  }
  for (size_t begin = 0; begin < values.size(); begin += channels) {
    float* pixel = values.data() + begin;
    for (size_t c = 0; c < channels; ++c) pixel[c] = pixel[c] * factors[c] + shifts[c];
  }
}

FloatRunner::FloatRunner(const FloatProgram* program) : program_(program) {
  for (const arch::TensorShape& shape : program->graph().tensors) {
    values_.emplace_back(shape.elements());
  }
  for (const FloatWeight& weight : program->network().weights) {
    means_.emplace_back(weight.norm_mean.begin(), weight.norm_mean.end());
    variances_.emplace_back(weight.norm_variance.begin(), weight.norm_variance.end());
  }
}

absl::Span<const float> FloatRunner::Run(const Observer& observer) {
  const FloatNetwork& network = program_->network();
  const arch::Graph& graph = network.graph;
  if (observer) observer(graph.input, values_[graph.input]);
  for (const Op& op : graph.ops) {
    absl::InlinedVector<absl::Span<const float>, 2> inputs;
    for (const arch::TensorId id : InputsOf(graph, op)) inputs.push_back(values_[id]);
    const absl::Span<float> output = absl::MakeSpan(values_[op.output]);
    program_->Compute(op, inputs, output);
    if (op.batch_norm) {
      Normalise(network.weights[op.weight], network.batch_norm_eps, means_[op.weight],
                variances_[op.weight], output);
    }
    Activate(op.activation, output);
    if (observer) observer(op.output, output);
  }
  return absl::MakeConstSpan(values_[graph.output]);
}

absl::Status RunExamples(
    const FloatProgram& program, const Examples& examples, const Loop& loop,
    const std::function<void(int64_t block, arch::TensorId id, absl::Span<const float> values)>&
        observe) {
  NIWAKI_RETURN_IF_ERROR(CheckExamples(examples, program.graph()));
  return loop(BlocksOf(examples.count), [&](int64_t block) -> absl::Status {
    FloatRunner runner(&program);
    const int64_t end = std::min(examples.count, (block + 1) * kExamplesPerBlock);
    for (int64_t i = block * kExamplesPerBlock; i < end; ++i) {
      NIWAKI_RETURN_IF_ERROR(examples.read(i, runner.input()));
      runner.Run([&](arch::TensorId id, absl::Span<const float> values) {
        observe(block, id, values);
      });
    }
    return absl::OkStatus();
  });
}

}  // namespace niwaki::engine
