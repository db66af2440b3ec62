#include "libs/supernet/ofa_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/subnet.h"

namespace niwaki::supernet {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpKind;
using arch::SearchSpace;
using arch::Weight;
using arch::WeightRole;

// Walks the operators of a graph; `space` is null for a fixed network.
class NameList {
 public:
  NameList(const Graph& graph, const SearchSpace* space, OfaRepository repository)
      : graph_(graph),
        space_(space),
        resnet_(std::any_of(graph.weights.begin(), graph.weights.end(),
                            [](const Weight& w) { return w.role == WeightRole::kReduce; })),
        block_module_(repository == OfaRepository::kMcunet ? "mobile_inverted_conv" : "conv") {}

  std::vector<OfaName> Names() {
    for (const Op& op : graph_.ops) {
      CountBlock(op);
      if (op.weight >= 0) AddLayer(op, graph_.weights[op.weight]);
    }
    return std::move(names_);
  }

 private:
  void CountBlock(const Op& op) {
    if (op.stage < 0 || (op.stage == stage_ && op.block == block_)) return;
    stage_ = op.stage;
    block_ = op.block;
    ++block_number_;
  }

  // Whether the published code writes the layer with elastic dimensions.
  bool IsElastic(const Weight& weight) const {
    if (space_ == nullptr) return false;
    if (resnet_ || space_->width_mults().size() > 1) return true;
    return weight.stage >= 0 && !space_->stages()[weight.stage].is_static();
  }

  // The stem's layers are counted as they come.
  std::string LayerPath(const Weight& weight) {
    const std::string number = absl::StrCat("blocks.", block_number_, ".");
    const std::string block = absl::StrCat(number, block_module_, ".");
    switch (weight.role) {
      case WeightRole::kStem:
        return resnet_ ? NextStemLayer() : "first_conv.";
      case WeightRole::kStemResidual:
        return NextStemLayer() + "conv.";
      case WeightRole::kStemSecond:
        return NextStemLayer();
      case WeightRole::kReduce:
        return number + "conv1.";
      case WeightRole::kSpatial:
        return number + "conv2.";
      case WeightRole::kRestore:
        return number + "conv3.";
      case WeightRole::kDownsample:
        return number + "downsample.";
      case WeightRole::kExpand:
        return block + "inverted_bottleneck.";
      case WeightRole::kDepthwise:
        return block + "depth_conv.";
      case WeightRole::kSqueezeReduce:
        return block + "depth_conv.se.fc.reduce.";
      case WeightRole::kSqueezeExpand:
        return block + "depth_conv.se.fc.expand.";
      case WeightRole::kProject:
        return block + "point_linear.";
      case WeightRole::kFinalExpand:
        return "final_expand_layer.";
      case WeightRole::kFeatureMix:
        return "feature_mix_layer.";
      case WeightRole::kClassifier:
        return "classifier.";
      case WeightRole::kImported:
        // Not in networks of spaces.
        return "";
    }
    return "";
  }

  std::string NextStemLayer() { return absl::StrCat("input_stem.", stem_layers_++, "."); }

  void AddLayer(const Op& op, const Weight& weight) {
    const std::string ours = arch::WeightName(weight);
    const std::string path = LayerPath(weight);
    const bool elastic = IsElastic(weight);
    const int64_t out = graph_.shape(op.output).channels;
    std::string kernel = absl::StrCat(path, elastic ? "conv.conv." : "conv.");
    if (op.kind == OpKind::kLinear) kernel = path + (elastic ? "linear.linear." : "linear.");
    const bool gate =
        weight.role == WeightRole::kSqueezeReduce || weight.role == WeightRole::kSqueezeExpand;
    // The gate's layers have no module of their own around them, elastic or not.
    if (gate) kernel = path;
    Add(ours + ".weight", kernel + "weight", arch::WeightShape(graph_, op));
    if (op.bias) Add(ours + ".bias", kernel + "bias", {out});
    if (op.batch_norm) {
      const std::string norm = absl::StrCat(path, elastic ? "bn.bn." : "bn.");
      for (const char* part : {"weight", "bias", "running_mean", "running_var"}) {
        Add(absl::StrCat(ours, ".bn.", part), norm + part, {out});
      }
    }
    AddMatrices(op, ours, path);
  }

  void AddMatrices(const Op& op, const std::string& ours, const std::string& path) {
    if (space_ == nullptr || op.kind != OpKind::kDepthwiseConv2d || op.stage < 0) return;
    if (space_->kernel_transform() != arch::KernelTransform::kMatrix) return;
    const int smallest = space_->stages()[op.stage].kernel_sizes.front();
    if (op.kernel_h >= 7 && smallest < 7) {
      Add(ours + ".7to5_matrix", path + "conv.7to5_matrix", {25, 25});
    }
    if (op.kernel_h >= 5 && smallest < 5) {
      Add(ours + ".5to3_matrix", path + "conv.5to3_matrix", {9, 9});
    }
  }

  void Add(std::string ours, std::string theirs, std::vector<int64_t> shape) {
    names_.push_back({std::move(ours), std::move(theirs), std::move(shape)});
  }

  const Graph& graph_;
  const SearchSpace* const space_;
  const bool resnet_;
  const absl::string_view block_module_;
  int stem_layers_ = 0;
  int stage_ = -1;
  int block_ = -1;
  int block_number_ = -1;
  std::vector<OfaName> names_;
};

}  // namespace

std::vector<OfaName> OfaSupernetNames(const SearchSpace& space, OfaRepository repository) {
  const Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  return NameList(graph, &space, repository).Names();
}

std::vector<OfaName> OfaSubnetNames(const Graph& graph, OfaRepository repository) {
  return NameList(graph, nullptr, repository).Names();
}

}  // namespace niwaki::supernet
