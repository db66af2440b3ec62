#include "libs/arch/graph.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"

namespace niwaki::arch {
namespace {

constexpr int kSqueezeReduction = 4;

OpActivation ToOpActivation(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return OpActivation::kNone;
    case Activation::kRelu:
      return OpActivation::kRelu;
    case Activation::kRelu6:
      return OpActivation::kRelu6;
    case Activation::kHardSwish:
      return OpActivation::kHardSwish;
  }
  return OpActivation::kNone;
}

// Local, so that they are inlined where graphs are built: exported functions are not in code that
// may become a shared object.
inline void SetSquareWindow(Op& op, int kernel_size, int stride) {
  NIWAKI_CHECK(kernel_size >= 1 && kernel_size / 2 <= 255 && stride >= 1 && stride <= 65535);
  op.kernel_h = op.kernel_w = static_cast<uint16_t>(kernel_size);
  op.stride_h = op.stride_w = static_cast<uint16_t>(stride);
  const uint8_t half = static_cast<uint8_t>(kernel_size / 2);
  op.padding = {half, half, half, half};
}

inline TensorShape OutputOf(const TensorShape& input, const Op& op) {
  // Most operators have stride 1, and a division takes as long as the rest of an operator.
  if (op.stride_h == 1 && op.stride_w == 1) {
    return {input.height + op.padding.height() - op.kernel_h + 1,
            input.width + op.padding.width() - op.kernel_w + 1, input.channels};
  }
  return {WindowOutput(input.height, op.kernel_h, op.stride_h, op.padding.height()),
          WindowOutput(input.width, op.kernel_w, op.stride_w, op.padding.width()), input.channels};
}

// Appends operators to a graph, keeping the tensor that the next one reads.
class GraphBuilder {
 public:
  GraphBuilder(const SearchSpace& space, const Subnet& subnet, Graph& graph)
      : space_(space), subnet_(subnet), graph_(graph) {}

  void Build() {
    graph_.tensors.clear();
    graph_.ops.clear();
    graph_.weights.clear();
    graph_.extras.clear();
    const Resolution& resolution = ResolutionOf(space_, subnet_);
    graph_.tensors.push_back({resolution.height, resolution.width, space_.input_channels()});
    graph_.input = 0;
    current_ = 0;
    AddStem();
    for (size_t s = 0; s < space_.stages().size(); ++s) AddStage(static_cast<int>(s));
    AddHead();
    graph_.output = current_;
  }

 private:
  const TensorShape& shape() const { return graph_.tensors[current_]; }

  Op Convolution(int kernel_size, int stride, Activation activation) const {
    Op op;
    op.kind = OpKind::kConv2d;
    op.activation = ToOpActivation(activation);
    SetSquareWindow(op, kernel_size, stride);
    op.batch_norm = true;
    return op;
  }

  // Completes `op`: input, output, place; its output becomes the current tensor.
  void Add(Op& op, const TensorShape& output) {
    op.input = current_;
    op.output = static_cast<TensorId>(graph_.tensors.size());
    op.stage = stage_;
    op.block = block_;
    graph_.tensors.push_back(output);
    graph_.ops.push_back(op);
    current_ = op.output;
  }

  void AddWeighted(Op& op, WeightRole role, int channels) {
    op.weight = static_cast<int32_t>(graph_.weights.size());
    graph_.weights.push_back({role, stage_, block_});
    TensorShape out = OutputOf(shape(), op);
    out.channels = channels;
    Add(op, out);
  }

  // A second operand: `kind` of the current tensor and `second`.
  void AddBinary(OpKind kind, TensorId second, Activation activation = Activation::kNone) {
    Op op;
    op.kind = kind;
    op.activation = ToOpActivation(activation);
    op.second_input = second;
    Add(op, TensorShape(shape()));
  }

  void AddPool() {
    Op op;
    op.kind = OpKind::kGlobalAvgPool;
    Add(op, {1, 1, shape().channels});
  }

  void AddWindowPool(OpKind kind, int kernel_size, int stride) {
    Op op;
    op.kind = kind;
    SetSquareWindow(op, kernel_size, stride);
    // Every row and column of the input is in a window.
    const TensorShape in = shape();
    const TensorShape out = {(in.height - 1) / stride + 1, (in.width - 1) / stride + 1,
                             in.channels};
    const OpFacts& facts = FactsOf(kind);
    const AxisPadding rows = UsualPaddingOf(facts, in.height, out.height, kernel_size, stride);
    const AxisPadding columns = UsualPaddingOf(facts, in.width, out.width, kernel_size, stride);
    op.padding = {static_cast<uint8_t>(rows.before), static_cast<uint8_t>(rows.after),
                  static_cast<uint8_t>(columns.before), static_cast<uint8_t>(columns.after)};
    Add(op, out);
  }

  int Scaled(int width, double width_mult) const {
    return ScaleWidth(width, width_mult, space_.channel_multiple());
  }

  int Expanded(int channels, double expand_ratio) const {
    return ExpandedWidth(channels, expand_ratio, space_.channel_multiple());
  }

  void AddStem() {
    const Stem& stem = space_.stem();
    const int width = Scaled(stem.width, StemWidthMultOf(space_, subnet_, 0));
    Op first = Convolution(stem.kernel_size, stem.stride, stem.activation);
    AddWeighted(first, WeightRole::kStem, width);
    if (HasStemResidual(space_, subnet_)) {
      const TensorId shortcut = current_;
      Op residual = Convolution(stem.kernel_size, 1, stem.activation);
      AddWeighted(residual, WeightRole::kStemResidual, width);
      AddBinary(OpKind::kAdd, shortcut);
    }
    if (stem.second_width > 0) {
      Op second = Convolution(stem.kernel_size, 1, stem.activation);
      AddWeighted(second, WeightRole::kStemSecond,
                  Scaled(stem.second_width, StemWidthMultOf(space_, subnet_, 1)));
    }
    if (stem.max_pool) AddWindowPool(OpKind::kMaxPool, /*kernel_size=*/3, /*stride=*/2);
  }

  void AddStage(int s) {
    const Stage& stage = space_.stages()[s];
    const int depth = DepthOf(space_, subnet_, s);
    stage_ = static_cast<int16_t>(s);
    for (int b = 0; b < depth; ++b) {
      block_ = static_cast<int16_t>(b);
      if (stage.type == BlockType::kBottleneck) {
        AddBottleneck(stage, s, b);
      } else {
        AddMbConv(stage, s, b);
      }
    }
    stage_ = -1;
    block_ = -1;
  }

  void AddMbConv(const Stage& stage, int s, int b) {
    const TensorId block_input = current_;
    const int in_channels = shape().channels;
    const bool expands = stage.expand_ratios.back() != 1;
    int middle = in_channels;
    if (expands) {
      middle = Expanded(in_channels, ExpandRatioOf(space_, subnet_, s, b));
      Op expand = Convolution(1, 1, stage.activation);
      AddWeighted(expand, WeightRole::kExpand, middle);
    }
    Op depthwise = Convolution(KernelSizeOf(space_, subnet_, s, b), b == 0 ? stage.stride : 1,
                               stage.activation);
    depthwise.kind = OpKind::kDepthwiseConv2d;
    AddWeighted(depthwise, WeightRole::kDepthwise, middle);
    if (stage.squeeze_excite) AddSqueezeExcite();
    Op project = Convolution(1, 1, Activation::kNone);
    AddWeighted(project, WeightRole::kProject, StageWidth(s));
    if (HasShortcut(space_, s, b)) AddBinary(OpKind::kAdd, block_input);
  }

  int StageWidth(int s) const {
    return Scaled(space_.stages()[s].width, StageWidthMultOf(space_, subnet_, s));
  }

  void AddBottleneck(const Stage& stage, int s, int b) {
    const TensorId block_input = current_;
    const int stride = b == 0 ? stage.stride : 1;
    const int middle = Expanded(StageWidth(s), ExpandRatioOf(space_, subnet_, s, b));
    Op reduce = Convolution(1, 1, stage.activation);
    AddWeighted(reduce, WeightRole::kReduce, middle);
    Op spatial = Convolution(KernelSizeOf(space_, subnet_, s, b), stride, stage.activation);
    AddWeighted(spatial, WeightRole::kSpatial, middle);
    Op restore = Convolution(1, 1, Activation::kNone);
    AddWeighted(restore, WeightRole::kRestore, StageWidth(s));
    const TensorId restored = current_;
    TensorId shortcut = block_input;
    if (!HasShortcut(space_, s, b)) {
      current_ = block_input;
      if (stride > 1) AddWindowPool(OpKind::kAvgPool, stride, stride);
      Op downsample = Convolution(1, 1, Activation::kNone);
      AddWeighted(downsample, WeightRole::kDownsample, StageWidth(s));
      shortcut = current_;
      current_ = restored;
    }
    AddBinary(OpKind::kAdd, shortcut, stage.activation);
  }

  void AddSqueezeExcite() {
    const TensorId gated = current_;
    const int channels = shape().channels;
    AddPool();
    Op reduce = Convolution(1, 1, Activation::kRelu);
    reduce.batch_norm = false;
    reduce.bias = true;
    // Cut off, as in the reference.
    const int reduced = channels / kSqueezeReduction;
    AddWeighted(reduce, WeightRole::kSqueezeReduce, MakeDivisible(reduced));
    Op expand = reduce;
    expand.activation = OpActivation::kHardSigmoid;
    AddWeighted(expand, WeightRole::kSqueezeExpand, channels);
    const TensorId gate = current_;
    current_ = gated;
    AddBinary(OpKind::kMul, gate);
  }

  void AddHead() {
    const Head& head = space_.head();
    if (head.final_expand_width > 0) {
      Op op = Convolution(1, 1, head.activation);
      AddWeighted(op, WeightRole::kFinalExpand, Scaled(head.final_expand_width, HeadWidthMult()));
    }
    if (!head.feature_mix_after_pool) AddFeatureMix();
    AddPool();
    if (head.feature_mix_after_pool) AddFeatureMix();
    Op classifier;
    classifier.kind = OpKind::kLinear;
    classifier.bias = true;
    AddWeighted(classifier, WeightRole::kClassifier, space_.num_classes());
  }

  double HeadWidthMult() const {
    return StageWidthMultOf(space_, subnet_, static_cast<int>(space_.stages().size()) - 1);
  }

  void AddFeatureMix() {
    const Head& head = space_.head();
    if (head.feature_mix_width == 0) return;
    Op op = Convolution(1, 1, head.activation);
    op.batch_norm = !head.feature_mix_after_pool;
    AddWeighted(op, WeightRole::kFeatureMix, FeatureMixWidth(space_, HeadWidthMult()));
  }

  const SearchSpace& space_;
  const Subnet& subnet_;
  Graph& graph_;
  TensorId current_ = 0;
  int16_t stage_ = -1;
  int16_t block_ = -1;
};

absl::string_view RoleName(WeightRole role) {
  switch (role) {
    case WeightRole::kStem:
      return "stem";
    case WeightRole::kExpand:
      return "expand";
    case WeightRole::kDepthwise:
      return "depthwise";
    case WeightRole::kSqueezeReduce:
      return "squeeze_reduce";
    case WeightRole::kSqueezeExpand:
      return "squeeze_expand";
    case WeightRole::kProject:
      return "project";
    case WeightRole::kFinalExpand:
      return "head.final_expand";
    case WeightRole::kFeatureMix:
      return "head.feature_mix";
    case WeightRole::kClassifier:
      return "classifier";
    case WeightRole::kStemResidual:
      return "stem.residual";
    case WeightRole::kStemSecond:
      return "stem.second";
    case WeightRole::kReduce:
      return "reduce";
    case WeightRole::kSpatial:
      return "spatial";
    case WeightRole::kRestore:
      return "restore";
    case WeightRole::kDownsample:
      return "downsample";
    case WeightRole::kImported:
      return "operator";
  }
  return "";
}

// Weights of one output channel.
int64_t FanIn(const Graph& graph, const Op& op) {
  const WeightForm form = FactsOf(op.kind).weight;
  if (form == WeightForm::kNone) return 0;
  const int64_t channels = form == WeightForm::kPerChannel ? 1 : graph.shape(op.input).channels;
  return op.taps() * channels;
}

}  // namespace

bool HasShortcut(const SearchSpace& space, int stage, int block) {
  const Stage& here = space.stages()[stage];
  if (!here.shortcut) return false;
  if (block > 0) return true;
  if (here.stride != 1) return false;
  if (space.width_choice() == WidthChoice::kPerStage && space.width_mults().size() > 1) {
    return false;
  }
  const int before = stage == 0 ? space.stem().last_width() : space.stages()[stage - 1].width;
  return before == here.width ||
         std::all_of(space.width_mults().begin(), space.width_mults().end(), [&](double mult) {
           return ScaleWidth(before, mult, space.channel_multiple()) ==
                  ScaleWidth(here.width, mult, space.channel_multiple());
         });
}

int FeatureMixWidth(const SearchSpace& space, double width_mult) {
  const Head& head = space.head();
  if (head.scale_feature_mix_only_up && width_mult <= 1) return head.feature_mix_width;
  return ScaleWidth(head.feature_mix_width, width_mult, space.channel_multiple());
}

std::string WeightName(const Weight& weight) {
  if (weight.role == WeightRole::kImported) {
    return absl::StrCat(RoleName(weight.role), weight.block);
  }
  if (weight.stage < 0) return std::string(RoleName(weight.role));
  return absl::StrCat("stage", weight.stage, ".block", weight.block, ".", RoleName(weight.role));
}

Graph BuildGraph(const SearchSpace& space, const Subnet& subnet) {
  Graph graph;
  BuildGraphInto(space, subnet, graph);
  return graph;
}

void BuildGraphInto(const SearchSpace& space, const Subnet& subnet, Graph& graph) {
  NIWAKI_CHECK(subnet.genes.size() == space.gene_sizes().size());
  GraphBuilder(space, subnet, graph).Build();
}

void Op::SetWindow(int kernel_size, int stride) { SetSquareWindow(*this, kernel_size, stride); }

TensorShape WindowOutput(const TensorShape& input, const Op& op) { return OutputOf(input, op); }

bool HasUsualWindow(const Graph& graph, const Op& op) {
  return op.kernel_h == op.kernel_w && op.stride_h == op.stride_w && HasUsualPadding(graph, op);
}

absl::InlinedVector<TensorId, 2> InputsOf(const Graph& graph, const Op& op) {
  switch (FactsOf(op.kind).inputs) {
    case 0: {
      if (op.extra < 0) return {};
      const std::vector<TensorId>& inputs = graph.extras[op.extra].inputs;
      return {inputs.begin(), inputs.end()};
    }
    case 1:
      return {op.input};
    default:
      return {op.input, op.second_input};
  }
}

RowRange InputRows(const Graph& graph, const Op& op, const RowRange& output) {
  const int height = graph.shape(op.input).height;
  switch (FactsOf(op.kind).rows) {
    case RowNeed::kSame:
      return output;
    case RowNeed::kAll:
      return {0, height};
    case RowNeed::kPadded:
      return {std::clamp(output.begin - op.padding.top, 0, height),
              std::clamp(output.end - op.padding.top, 0, height)};
    case RowNeed::kScaled: {
      const int factor = graph.shape(op.output).height / height;
      return {output.begin / factor, (output.end + factor - 1) / factor};
    }
    case RowNeed::kWindow: {
      const int begin = output.begin * op.stride_h - op.padding.top;
      const int end = (output.end - 1) * op.stride_h - op.padding.top + op.kernel_h;
      return {std::clamp(begin, 0, height), std::clamp(end, 0, height)};
    }
  }
  return {0, height};
}

std::vector<int64_t> WeightShape(const Graph& graph, const Op& op) {
  const int64_t in = graph.shape(op.input).channels;
  const int64_t out = graph.shape(op.output).channels;
  switch (FactsOf(op.kind).weight) {
    case WeightForm::kNone:
      return {};
    case WeightForm::kDense:
      return {out, in, op.kernel_h, op.kernel_w};
    case WeightForm::kPerChannel:
      return {out, 1, op.kernel_h, op.kernel_w};
    case WeightForm::kMatrix:
      return {out, in};
  }
  return {};
}

int64_t MacsOf(const Graph& graph, const Op& op) {
  return graph.shape(op.output).elements() * FanIn(graph, op);
}

int64_t CountMacs(const Graph& graph) {
  int64_t macs = 0;
  for (const Op& op : graph.ops) macs += MacsOf(graph, op);
  return macs;
}

int64_t ParamsOf(const Graph& graph, const Op& op) {
  const int64_t per_channel = FanIn(graph, op) + (op.batch_norm ? 2 : 0) + (op.bias ? 1 : 0);
  return per_channel * graph.shape(op.output).channels;
}

int64_t CountParams(const Graph& graph) {
  int64_t params = 0;
  for (const Op& op : graph.ops) params += ParamsOf(graph, op);
  return params;
}

}  // namespace niwaki::arch
