#include "libs/engine/host/runner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/elementwise.h"
#include "libs/kernels/movement.h"
#include "libs/kernels/pooling.h"
#include "libs/kernels/softmax.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;

nw_shape ShapeOf(const arch::TensorShape& shape) {
  return {shape.height, shape.width, shape.channels};
}

// A linear layer reads one pixel, whatever its input's shape.
nw_input AsPixel(nw_input input) {
  input.shape = {1, 1, input.shape.height * input.shape.width * input.shape.channels};
  input.steps = nw_channels_innermost(input.shape);
  return input;
}

}  // namespace

absl::StatusOr<HostRunner> HostRunner::Create(const QuantisedNetwork* network) {
  NIWAKI_RETURN_IF_ERROR(Validate(*network));
  return HostRunner(network);
}

HostRunner::HostRunner(const QuantisedNetwork* network)
    : network_(network),
      input_(network->graph.input),
      output_(network->graph.output),
      values_(network->graph.tensors.size()) {
  const arch::Graph& graph = network->graph;
  for (size_t i = 0; i < values_.size(); ++i) values_[i].resize(graph.tensors[i].elements());
  for (const auto& [id, values] : network->constants) values_[id] = values;
  for (const Op& op : graph.ops) {
    parameters_.push_back(ParametersOf(*network, op));
    if (op.kind == OpKind::kQuantize && op.input == graph.input) input_ = op.output;
    if (op.kind == OpKind::kDequantize && op.output == graph.output) output_ = op.input;
  }
}

absl::StatusOr<absl::Span<const int8_t>> HostRunner::Run(absl::Span<const int8_t> input,
                                                         const Observer& observer) {
  std::vector<int8_t>& first = values_[input_];
  if (input.size() != first.size()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("input")
        .Value(input.size())
        .Limit(absl::StrCat(first.size()))
        .Message(absl::StrCat("the network reads ", first.size(), " values, not ", input.size()));
  }
  std::copy(input.begin(), input.end(), first.begin());
  const std::vector<Op>& ops = network_->graph.ops;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].kind == OpKind::kQuantize || ops[i].kind == OpKind::kDequantize) continue;
    RunOperator(static_cast<int>(i));
    if (observer) observer(static_cast<int>(i), values_[ops[i].output]);
  }
  return absl::MakeConstSpan(values_[output_]);
}

nw_input HostRunner::In(TensorId id) const {
  const nw_shape shape = ShapeOf(network_->graph.shape(id));
  return {values_[id].data(), shape, nw_channels_innermost(shape), 0};
}

nw_output HostRunner::Out(TensorId id) {
  const nw_shape shape = ShapeOf(network_->graph.shape(id));
  return {values_[id].data(), shape, nw_channels_innermost(shape), 0};
}

void HostRunner::RunConvolution(int index, const nw_input& input, const nw_output& output,
                                nw_rows rows) const {
  const Op& op = network_->graph.ops[index];
  const KernelParameters& p = parameters_[index];
  const QuantisedWeight& weight = network_->weights[op.weight];
  const nw_filters filters = {weight.values.data(), weight.biases.data(), p.multipliers.data(),
                              p.shifts.data()};
  const auto kernel = op.kind == OpKind::kDepthwiseConv2d ? nw_depthwise : nw_convolution;
  const nw_input in = op.kind == OpKind::kLinear ? AsPixel(input) : input;
  kernel(&in, &output, &p.window, &filters, &p.levels, rows);
}

void HostRunner::RunConcat(const Op& op) {
  nw_output part = Out(op.output);
  for (const TensorId id : network_->graph.extras[op.extra].inputs) {
    const nw_input input = In(id);
    part.shape.channels = input.shape.channels;
    nw_copy(&input, &part, {0, part.shape.height});
    part.data += input.shape.channels;
  }
}

void HostRunner::RunMean(int index) {
  const Op& op = network_->graph.ops[index];
  const arch::TensorShape& in = network_->graph.shape(op.input);
  const auto& axes = network_->graph.extras[op.extra].axes;
  const int sides[3] = {in.height, in.width, in.channels};
  // Axes before those of the mean, of the mean, and behind.
  int32_t sizes[3] = {1, 1, 1};
  int part = 0;
  for (int axis = 0; axis < 3; ++axis) {
    if (axes[axis]) {
      part = 1;
    } else if (part == 1 && sides[axis] > 1) {
      part = 2;
    }
    sizes[part] *= sides[axis];
  }
  nw_mean(values_[op.input].data(), values_[op.output].data(), sizes[0], sizes[1], sizes[2],
          &parameters_[index].mean);
}

void HostRunner::RunOperator(int index) {
  const arch::Graph& graph = network_->graph;
  const Op& op = graph.ops[index];
  const KernelParameters& p = parameters_[index];
  const nw_output output = Out(op.output);
  const nw_rows rows = {0, output.shape.height};
  const nw_input input = op.input < 0 ? nw_input{} : In(op.input);
  const nw_input second = op.second_input < 0 ? nw_input{} : In(op.second_input);
  switch (op.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kLinear:
      return RunConvolution(index, input, output, rows);
    case OpKind::kAdd:
      return nw_add(&input, &second, &output, &p.add, rows);
    case OpKind::kMul:
      return nw_multiply(&input, &second, &output, &p.multiply, rows);
    case OpKind::kMaxPool:
      return nw_max_pool(&input, &output, &p.window, p.limits, rows);
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
      return nw_average_pool(&input, &output, &p.window, p.limits, rows);
    case OpKind::kPad:
      return nw_pad(&input, &output, op.padding.top, op.padding.left,
                    static_cast<int8_t>(network_->tensors[op.input].zero_point), rows);
    case OpKind::kConcat:
      return RunConcat(op);
    case OpKind::kReshape:
      std::copy(values_[op.input].begin(), values_[op.input].end(), values_[op.output].begin());
      return;
    case OpKind::kTranspose:
      return nw_transpose(&input, &output, graph.extras[op.extra].order.data(), rows);
    case OpKind::kSoftmax:
      return nw_softmax(&input, &output, &p.softmax, rows);
    case OpKind::kMean:
      return RunMean(index);
    case OpKind::kUpsample:
      return nw_repeat(&input, &output, rows);
    case OpKind::kActivation:
      return nw_look_up(&input, &output, p.table.data(), rows);
    case OpKind::kRescale:
      return nw_rescale(&input, &output, &p.rescale, rows);
    case OpKind::kQuantize:
    case OpKind::kDequantize:
      // Floats stay outside (Run).
      return;
  }
}

}  // namespace niwaki::engine
