#include "libs/supernet/fused/fused_network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "libs/base/log.h"

namespace niwaki::supernet {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;

// Between the operators of a block: three quarters of a megabyte, so that a core's second-level
// cache keeps it beside the weights. Squeeze-excite reads its weights once for every few images.
constexpr int64_t kInnerFloats = 192 << 10;
constexpr int64_t kLeastGatedImages = 4;
// What a kernel may write or read beyond the last value.
constexpr int64_t kSlack = 64;

EvalActivation ActivationOf(OpActivation activation) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (activation) {
    case OpActivation::kRelu:
      return {EvalFunction::kClamp, 0, kInfinity};
    case OpActivation::kRelu6:
      return {EvalFunction::kClamp, 0, 6};
    case OpActivation::kHardSwish:
      return {EvalFunction::kHardSwish, 0, 0};
    case OpActivation::kHardSigmoid:
      return {EvalFunction::kHardSigmoid, 0, 0};
    default:
      return {EvalFunction::kClamp, -kInfinity, kInfinity};
  }
}

// How many operators read each tensor; the network's output has one reader more.
std::vector<int> Readers(const Graph& graph) {
  std::vector<int> readers(graph.tensors.size(), 0);
  for (const Op& op : graph.ops) {
    ++readers[op.input];
    if (op.second_input >= 0) ++readers[op.second_input];
  }
  ++readers[graph.output];
  return readers;
}

// Whether operator `index` reads only what operator `index` - 1 made, and nobody else does.
bool FollowsAlone(const Graph& graph, const std::vector<int>& readers, size_t index) {
  if (index == 0 || index >= graph.ops.size()) return false;
  const Op& op = graph.ops[index];
  const TensorId made = graph.ops[index - 1].output;
  return readers[made] == 1 && (op.input == made || op.second_input == made);
}

bool IsPointwise(const Op& op) {
  return op.kind == OpKind::kConv2d && op.is_pointwise() && op.stride_h == 1 && op.stride_w == 1;
}

bool FusesIntoDepthwise(const Graph& graph, const std::vector<int>& readers, size_t index) {
  return IsPointwise(graph.ops[index]) && FollowsAlone(graph, readers, index + 1) &&
         graph.ops[index + 1].kind == OpKind::kDepthwiseConv2d;
}

bool FusesIntoShortcut(const Graph& graph, const std::vector<int>& readers, size_t index) {
  return IsPointwise(graph.ops[index]) && FollowsAlone(graph, readers, index + 1) &&
         graph.ops[index + 1].kind == OpKind::kAdd &&
         graph.ops[index + 1].activation == OpActivation::kNone;
}

bool SupportsOp(const Graph& graph, const std::vector<int>& readers, size_t index) {
  const Op& op = graph.ops[index];
  switch (op.kind) {
    case OpKind::kConv2d:
      return arch::HasUsualWindow(graph, op);
    case OpKind::kLinear:
    case OpKind::kGlobalAvgPool:
      return true;
    case OpKind::kDepthwiseConv2d:
      return (op.kernel_h == 3 || op.kernel_h == 5 || op.kernel_h == 7) && op.stride_h <= 2 &&
             arch::HasUsualWindow(graph, op);
    case OpKind::kAdd:
      return index > 0 && FusesIntoShortcut(graph, readers, index - 1);
    case OpKind::kMul:
      // In place: nobody may read the ungated values later.
      for (size_t later = index + 1; later < graph.ops.size(); ++later) {
        const Op& other = graph.ops[later];
        if (other.input == op.input || other.second_input == op.input) return false;
      }
      return op.activation == OpActivation::kNone;
    default:
      return false;
  }
}

at::Tensor Floats(int64_t count) { return at::empty({count + kSlack}, at::kFloat); }

int64_t Depth(const Graph& graph, const Op& op) {
  const int64_t taps = op.taps();
  if (op.kind == OpKind::kDepthwiseConv2d) return taps;
  const arch::TensorShape& in = graph.shape(op.input);
  return op.kind == OpKind::kLinear ? in.elements() : taps * in.channels;
}

}  // namespace

const EvalKernels* UsableEvalKernels() {
#if defined(__x86_64__)
  static const EvalKernels* const kernels = []() -> const EvalKernels* {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return nullptr;
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
    return wide ? Avx512Kernels() : Avx2Kernels();
  }();
  return kernels;
#else
  return nullptr;
#endif
}

bool FusedNetwork::Supports(const Graph& graph) {
  const std::vector<int> readers = Readers(graph);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (!SupportsOp(graph, readers, i)) return false;
  }
  return true;
}

FusedNetwork::FusedNetwork(const Graph& graph, const std::vector<OpTensors>& folded,
                           const EvalKernels& kernels)
    : graph_(graph), kernels_(kernels) {
  NIWAKI_CHECK(folded.size() == graph.ops.size() && Supports(graph));
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    const Op& op = graph_.ops[i];
    const bool same_block =
        i > 0 && op.stage == graph_.ops[i - 1].stage && op.block == graph_.ops[i - 1].block;
    if (!same_block) segments_.emplace_back();
    segments_.back().steps.push_back(MakeFusedStep(i, folded));
  }
  PlanMemory();
}

// The step of operator `index`, and of the next one where both run as one; `index` ends on the last
// of them.
FusedNetwork::Step FusedNetwork::MakeFusedStep(size_t& index,
                                               const std::vector<OpTensors>& folded) const {
  const std::vector<int> readers = Readers(graph_);
  Step step = MakeStep(index, folded);
  if (FusesIntoDepthwise(graph_, readers, index)) {
    Step depthwise = MakeStep(++index, folded);
    depthwise.input = step.input;
    depthwise.expand = step.packed;
    depthwise.expand_activation = step.activation;
    return depthwise;
  }
  if (FusesIntoShortcut(graph_, readers, index)) {
    const Op& add = graph_.ops[++index];
    step.residual = add.input == step.output ? add.second_input : add.input;
    step.output = add.output;
  }
  return step;
}

FusedNetwork::Step FusedNetwork::MakeStep(size_t index,
                                          const std::vector<OpTensors>& folded) const {
  const Op& op = graph_.ops[index];
  Step step;
  step.op = op;
  step.input = op.input;
  step.output = op.output;
  step.activation = ActivationOf(op.activation);
  if (op.kind == OpKind::kGlobalAvgPool) {
    step.kind = StepKind::kPool;
  } else if (op.kind == OpKind::kMul) {
    step.kind = StepKind::kGate;
  } else if (op.kind == OpKind::kDepthwiseConv2d) {
    step.kind = StepKind::kDepthwise;
  } else if (op.kind == OpKind::kConv2d && !IsPointwise(op)) {
    step.kind = StepKind::kPatchProduct;
  }
  if (op.weight >= 0) step.packed = Pack(op, folded[index]);
  return step;
}

at::Tensor FusedNetwork::Pack(const Op& op, const OpTensors& tensors) const {
  at::Tensor weight = tensors.weight;
  // Patches hold their channels last.
  if (op.kind == OpKind::kConv2d && op.taps() > 1) weight = weight.permute({0, 2, 3, 1});
  weight = weight.to(at::kFloat).contiguous();
  const at::Tensor bias = tensors.bias.defined() ? tensors.bias.contiguous() : tensors.bias;
  const int64_t depth = Depth(graph_, op);
  const int64_t columns = graph_.shape(op.output).channels;
  NIWAKI_CHECK(weight.numel() == depth * columns);
  at::Tensor packed = Floats(kernels_.packed_size(depth, columns));
  const auto pack =
      op.kind == OpKind::kDepthwiseConv2d ? kernels_.pack_filters : kernels_.pack_matrix;
  pack(weight.data_ptr<float>(), bias.defined() ? bias.data_ptr<float>() : nullptr, depth, columns,
       packed.data_ptr<float>());
  return packed;
}

void FusedNetwork::PlanMemory() {
  std::vector<int> made(graph_.tensors.size(), -1), last(graph_.tensors.size(), -1);
  for (int s = 0; s < static_cast<int>(segments_.size()); ++s) {
    for (const Step& step : segments_[s].steps) {
      // A gate works in place.
      if (step.kind != StepKind::kGate) made[step.output] = s;
      for (const TensorId id : {step.input, step.residual, step.op.second_input}) {
        if (id >= 0) last[id] = s;
      }
    }
  }
  last[graph_.output] = static_cast<int>(segments_.size());
  for (size_t id = 0; id < made.size(); ++id) {
    if (made[id] < 0) continue;
    Segment& segment = segments_[made[id]];
    if (last[id] <= made[id]) {
      segment.inner.push_back(static_cast<TensorId>(id));
      continue;
    }
    segment.leaving.push_back(static_cast<TensorId>(id));
    if (last[id] < static_cast<int>(segments_.size())) {
      segments_[last[id]].released.push_back(static_cast<TensorId>(id));
    }
  }
  for (Segment& segment : segments_) {
    const bool gated = std::any_of(segment.steps.begin(), segment.steps.end(),
                                   [](const Step& s) { return s.kind == StepKind::kGate; });
    const int64_t fitting = kInnerFloats / std::max<int64_t>(1, InnerFloats(segment));
    segment.images_at_once = std::max<int64_t>(fitting, gated ? kLeastGatedImages : 1);
  }
}

int64_t FusedNetwork::InnerFloats(const Segment& segment) const {
  int64_t floats = 0;
  for (const TensorId id : segment.inner) floats += graph_.shape(id).elements();
  return floats;
}

class FusedNetwork::Pass {
 public:
  Pass(const FusedNetwork& network, const at::Tensor& input)
      : graph_(network.graph_), kernels_(network.kernels_), buffers_(graph_.tensors.size()) {
    buffers_[graph_.input] = input;
  }

  // Runs `segment` on all `images`.
  void Run(const Segment& segment, int64_t images) {
    const int64_t at_once = std::min(segment.images_at_once, images);
    for (const TensorId id : segment.inner) buffers_[id] = Floats(at_once * Elements(id));
    for (const TensorId id : segment.leaving) buffers_[id] = Floats(images * Elements(id));
    inner_ = &segment.inner;
    for (first_ = 0; first_ < images; first_ += at_once) {
      count_ = std::min(at_once, images - first_);
      for (const Step& step : segment.steps) RunStep(step);
    }
    for (const TensorId id : segment.inner) buffers_[id] = at::Tensor();
    for (const TensorId id : segment.released) buffers_[id] = at::Tensor();
  }

  const at::Tensor& output() const { return buffers_[graph_.output]; }

 private:
  int64_t Elements(TensorId id) const { return graph_.shape(id).elements(); }

  // The values of tensor `id` for the images in work.
  float* At(TensorId id) {
    const auto alias = gated_.find(id);
    if (alias != gated_.end()) id = alias->second;
    const bool inner = std::find(inner_->begin(), inner_->end(), id) != inner_->end();
    return buffers_[id].data_ptr<float>() + (inner ? 0 : first_ * Elements(id));
  }

  void RunStep(const Step& step) {
    switch (step.kind) {
      case StepKind::kProduct:
        return Product(step);
      case StepKind::kPatchProduct:
        return PatchProduct(step);
      case StepKind::kDepthwise:
        return Depthwise(step);
      case StepKind::kPool:
        return Pool(step);
      case StepKind::kGate:
        return Gate(step);
    }
  }

  MatrixProduct ProductOf(const Step& step) {
    MatrixProduct product;
    product.depth = Depth(graph_, step.op);
    product.a_stride = product.depth;
    product.packed = step.packed.data_ptr<float>();
    product.columns = graph_.shape(step.op.output).channels;
    product.c_stride = product.columns;
    product.activation = step.activation;
    return product;
  }

  void Product(const Step& step) {
    MatrixProduct product = ProductOf(step);
    product.a = At(step.input);
    product.rows = count_ * Elements(step.op.output) / product.columns;
    product.c = At(step.output);
    if (step.residual >= 0) product.residual = At(step.residual);
    kernels_.multiply(product);
  }

  // A convolution with a larger kernel or a stride, as the product of its patches: they are read
  // where they lie in the padded image.
  void PatchProduct(const Step& step) {
    MatrixProduct product = ProductOf(step);
    const arch::TensorShape& in = graph_.shape(step.input);
    const arch::TensorShape& out = graph_.shape(step.op.output);
    // Square, as Supports has checked.
    const int64_t k = step.op.kernel_h;
    PaddedImage image;
    image.height = in.height;
    image.width = in.width;
    image.channels = in.channels;
    image.margin = k / 2;
    const int64_t row = (in.width + 2 * image.margin) * in.channels;
    const at::Tensor padded = Floats((in.height + 2 * image.margin) * row);
    image.padded = padded.data_ptr<float>();
    product.a_stride = int64_t{step.op.stride_w} * in.channels;
    product.segments = k;
    product.segment_stride = row;
    product.depth = k * in.channels;
    product.rows = out.width;
    for (int64_t n = 0; n < count_; ++n) {
      image.image = At(step.input) + n * in.elements();
      kernels_.pad_image(image);
      for (int64_t y = 0; y < out.height; ++y) {
        product.a = image.padded + y * step.op.stride_h * row;
        product.c = At(step.output) + n * out.elements() + y * out.width * out.channels;
        kernels_.multiply(product);
      }
    }
  }

  void Depthwise(const Step& step) {
    const arch::TensorShape& in = graph_.shape(step.input);
    ExpandDepthwise task;
    task.input = At(step.input);
    task.images = count_;
    task.height = in.height;
    task.width = in.width;
    task.depth = in.channels;
    task.channels = graph_.shape(step.output).channels;
    if (step.expand.defined()) task.expand = step.expand.data_ptr<float>();
    task.expand_activation = step.expand_activation;
    task.kernel_size = step.op.kernel_h;
    task.stride = step.op.stride_h;
    task.filters = step.packed.data_ptr<float>();
    task.activation = step.activation;
    const int64_t needed = kernels_.plane_size(task) + kSlack;
    if (!plane_.defined() || plane_.numel() < needed) plane_ = Floats(needed);
    task.plane = plane_.data_ptr<float>();
    task.output = At(step.output);
    kernels_.expand_depthwise(task);
  }

  void Pool(const Step& step) {
    const arch::TensorShape& in = graph_.shape(step.input);
    for (int64_t n = 0; n < count_; ++n) {
      kernels_.column_means(At(step.input) + n * in.elements(), int64_t{in.height} * in.width,
                            in.channels, At(step.output) + n * in.channels);
    }
  }

  // The result takes the place of the input.
  void Gate(const Step& step) {
    const arch::TensorShape& in = graph_.shape(step.input);
    for (int64_t n = 0; n < count_; ++n) {
      kernels_.scale_columns(At(step.op.second_input) + n * in.channels,
                             int64_t{in.height} * in.width, in.channels,
                             At(step.input) + n * in.elements());
    }
    gated_[step.output] = step.input;
  }

  const Graph& graph_;
  const EvalKernels& kernels_;
  std::vector<at::Tensor> buffers_;
  at::Tensor plane_;
  // A gate's output, and the tensor in whose memory it lies.
  absl::flat_hash_map<TensorId, TensorId> gated_;
  const std::vector<TensorId>* inner_ = nullptr;
  int64_t first_ = 0;
  int64_t count_ = 0;
};

at::Tensor FusedNetwork::Logits(const at::Tensor& input) const {
  const int64_t images = input.size(0);
  Pass pass(*this, input.contiguous(at::MemoryFormat::ChannelsLast));
  for (const Segment& segment : segments_) pass.Run(segment, images);
  const int64_t classes = graph_.shape(graph_.output).elements();
  return pass.output().narrow(0, 0, images * classes).view({images, classes});
}

}  // namespace niwaki::supernet
