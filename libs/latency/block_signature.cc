#include "libs/latency/block_signature.h"

#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::latency {
namespace {

using arch::OpActivation;
using arch::OpKind;

// In the order of BlockPart.
constexpr absl::string_view kPartNames[] = {"stem", "block",       "head_conv",
                                            "pool", "head_linear", "classifier"};
constexpr absl::string_view kForm =
    "PART HxWxC HxWxC inHxW float32 or block HxWxC HxWxC mN kN sN ACTIVATION [se] [add] inHxW "
    "float32";
constexpr absl::string_view kDtype = "float32";
constexpr int kMaxDimension = 1 << 20;

bool IsBlockActivation(OpActivation activation) {
  return activation == OpActivation::kRelu || activation == OpActivation::kRelu6 ||
         activation == OpActivation::kHardSwish;
}

bool ParseDimension(absl::string_view text, int& value) {
  return absl::SimpleAtoi(text, &value) && value >= 1 && value <= kMaxDimension;
}

bool ParseShape(absl::string_view text, arch::TensorShape& shape) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, 'x');
  return parts.size() == 3 && ParseDimension(parts[0], shape.height) &&
         ParseDimension(parts[1], shape.width) && ParseDimension(parts[2], shape.channels);
}

bool ParsePrefixed(absl::string_view text, absl::string_view prefix, int& value) {
  return absl::ConsumePrefix(&text, prefix) && ParseDimension(text, value);
}

bool ParsePart(absl::string_view text, BlockPart& part) {
  for (size_t i = 0; i < std::size(kPartNames); ++i) {
    if (kPartNames[i] != text) continue;
    part = static_cast<BlockPart>(i);
    return true;
  }
  return false;
}

bool ParseActivation(absl::string_view text, OpActivation& activation) {
  const std::optional<OpActivation> found = arch::OpActivationOf(text);
  if (!found.has_value() || !IsBlockActivation(*found)) return false;
  activation = *found;
  return true;
}

bool ParseNetwork(absl::string_view text, BlockSignature& signature) {
  if (!absl::ConsumePrefix(&text, "in")) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, 'x');
  return parts.size() == 2 && ParseDimension(parts[0], signature.network_height) &&
         ParseDimension(parts[1], signature.network_width);
}

// The fields of a block between its shapes and the network's size.
bool ParseBlockFields(const std::vector<absl::string_view>& words, BlockSignature& signature) {
  if (words.size() < 9 || !ParsePrefixed(words[3], "m", signature.mid_channels) ||
      !ParsePrefixed(words[4], "k", signature.kernel_size) ||
      !ParsePrefixed(words[5], "s", signature.stride) ||
      !ParseActivation(words[6], signature.activation)) {
    return false;
  }
  for (size_t i = 7; i + 2 < words.size(); ++i) {
    if (words[i] == "se") {
      signature.squeeze_excite = true;
    } else if (words[i] == "add") {
      signature.shortcut = true;
    } else {
      return false;
    }
  }
  return true;
}

bool Parse(absl::string_view text, BlockSignature& signature) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  if (words.size() < 5 || words.back() != kDtype ||
      !ParseNetwork(words[words.size() - 2], signature) || !ParsePart(words[0], signature.part) ||
      !ParseShape(words[1], signature.input) || !ParseShape(words[2], signature.output)) {
    return false;
  }
  if (signature.part != BlockPart::kBlock) return words.size() == 5;
  return ParseBlockFields(words, signature);
}

// The part that an operator outside the stages is; `pooled` when it stands behind the pooling.
BlockPart PartOf(const arch::Graph& graph, const arch::Op& op, bool pooled) {
  if (op.kind == OpKind::kGlobalAvgPool) return BlockPart::kPool;
  const arch::WeightRole role = graph.weights[op.weight].role;
  if (role == arch::WeightRole::kStem) return BlockPart::kStem;
  if (role == arch::WeightRole::kClassifier) return BlockPart::kClassifier;
  return pooled ? BlockPart::kHeadLinear : BlockPart::kHeadConv;
}

absl::Status NotAnInvertedResidual(const arch::Op& op) {
  const std::string place = absl::StrCat("stage ", op.stage, " block ", op.block);
  return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
      .Field("graph")
      .Value(place)
      .Limit("inverted residual blocks")
      .Message(absl::StrCat(place, " is not an inverted residual: no block table has such parts"));
}

// Tables of blocks name one kernel size and one stride, and mean the usual padding.
absl::Status UnknownWindow(const arch::Graph& graph, size_t index) {
  const std::string place =
      absl::StrCat(arch::OpName(graph, graph.ops[index]), " (operator ", index, ")");
  return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
      .Field("graph")
      .Value(place)
      .Limit("square windows with half a kernel of padding on every side")
      .Message(absl::StrCat("the window of ", place, " is in no block table"));
}

// Adds what operator `op` says to the block that it is part of.
void Extend(const arch::Graph& graph, const arch::Op& op, BlockSignature& block) {
  if (op.kind == OpKind::kDepthwiseConv2d) {
    block.mid_channels = graph.shape(op.output).channels;
    block.kernel_size = op.kernel_h;
    block.stride = op.stride_h;
    block.activation = op.activation;
  }
  if (op.kind == OpKind::kMul) block.squeeze_excite = true;
  if (op.kind == OpKind::kAdd) block.shortcut = true;
  block.output = graph.shape(op.output);
}

}  // namespace

absl::string_view BlockPartName(BlockPart part) { return kPartNames[static_cast<int>(part)]; }

std::string BlockSignature::ToText() const {
  std::string text = absl::StrCat(BlockPartName(part), " ", arch::ShapeText(input), " ",
                                  arch::ShapeText(output), " ");
  if (part == BlockPart::kBlock) {
    absl::StrAppend(&text, "m", mid_channels, " k", kernel_size, " s", stride, " ");
    if (IsBlockActivation(activation)) {
      absl::StrAppend(&text, arch::OpActivationName(activation), " ");
    }
    absl::StrAppend(&text, squeeze_excite ? "se " : "", shortcut ? "add " : "");
  }
  return absl::StrCat(text, "in", network_height, "x", network_width, " ", kDtype);
}

absl::StatusOr<BlockSignature> BlockSignature::FromText(absl::string_view text) {
  BlockSignature signature;
  // Numbers have more than one spelling; only the canonical one is a key.
  if (Parse(text, signature) && signature.ToText() == text) return signature;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("signature")
      .Value(text.substr(0, 200))
      .Limit(kForm)
      .Message(absl::StrCat("not a block signature: ", text.substr(0, 200)));
}

bool IsBlockSignatureText(absl::string_view text) {
  BlockPart part;
  return ParsePart(text.substr(0, text.find(' ')), part);
}

absl::StatusOr<std::vector<BlockOfGraph>> BlocksOf(const arch::Graph& graph) {
  std::vector<BlockOfGraph> blocks;
  bool pooled = false;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (!arch::HasUsualWindow(graph, graph.ops[i])) return UnknownWindow(graph, i);
  }
  for (size_t i = 0; i < graph.ops.size();) {
    const arch::Op& first = graph.ops[i];
    BlockOfGraph part;
    part.stage = first.stage;
    part.block = first.block;
    part.signature.network_height = graph.shape(graph.input).height;
    part.signature.network_width = graph.shape(graph.input).width;
    part.signature.input = graph.shape(first.input);
    if (first.stage < 0) {
      const bool known = first.weight >= 0 || first.kind == OpKind::kGlobalAvgPool;
      if (!known) return NotAnInvertedResidual(first);
      part.signature.part = PartOf(graph, first, pooled);
      pooled |= first.kind == OpKind::kGlobalAvgPool;
      part.signature.output = graph.shape(first.output);
      part.macs = arch::MacsOf(graph, first);
      ++i;
    } else {
      for (; i < graph.ops.size() && graph.ops[i].stage == first.stage &&
             graph.ops[i].block == first.block;
           ++i) {
        Extend(graph, graph.ops[i], part.signature);
        part.macs += arch::MacsOf(graph, graph.ops[i]);
      }
      if (part.signature.mid_channels == 0) return NotAnInvertedResidual(first);
    }
    blocks.push_back(std::move(part));
  }
  return blocks;
}

}  // namespace niwaki::latency
