#include "libs/engine/plan/patches/patch_cost.h"

#include <algorithm>
#include <vector>

#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::Op;
using arch::RowNeed;
using arch::TensorId;

constexpr int kMostPatches = 8;

// Cells [begin, end) along one axis.
struct Span {
  int begin = 0;
  int end = 0;

  int size() const { return std::max(0, end - begin); }
};

Span Both(const Span& a, const Span& b) {
  if (a.size() == 0) return b;
  if (b.size() == 0) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

struct Region {
  Span rows;
  Span columns;

  int64_t cells() const { return int64_t{rows.size()} * columns.size(); }
};

// What a window axis reads for `output`, within `size` cells.
Span Read(const Span& output, int kernel, int stride, int padding, int size) {
  if (output.size() == 0) return {};
  return {std::clamp(output.begin * stride - padding, 0, size),
          std::clamp((output.end - 1) * stride - padding + kernel, 0, size)};
}

// Part `index` of `parts` of `size` cells.
Span Part(int size, int parts, int index) {
  return {static_cast<int>(int64_t{size} * index / parts),
          static_cast<int>(int64_t{size} * (index + 1) / parts)};
}

class Patches {
 public:
  Patches(const Graph& graph, int end_op) : graph_(graph), end_op_(end_op) {
    for (int i = 0; i < end_op; ++i) macs_.push_back(arch::MacsOf(graph, graph.ops[i]));
    last_use_.assign(graph.tensors.size(), -1);
    for (int i = 0; i < static_cast<int>(graph.ops.size()); ++i) {
      for (const TensorId input : arch::InputsOf(graph, graph.ops[i])) last_use_[input] = i;
    }
  }

  bool Possible() const {
    const TensorId output = graph_.ops[end_op_ - 1].output;
    if (end_op_ >= static_cast<int>(graph_.ops.size()) || last_use_[output] < end_op_) return false;
    if (last_use_[graph_.input] >= end_op_) return false;
    for (int i = 0; i < end_op_; ++i) {
      const Op& op = graph_.ops[i];
      const RowNeed need = arch::FactsOf(op.kind).rows;
      const bool takes = need == RowNeed::kWindow || (need == RowNeed::kSame && op.extra < 0);
      if (!takes || (i < end_op_ - 1 && last_use_[op.output] >= end_op_)) return false;
      if (op.input < 0 || op.kind == arch::OpKind::kQuantize) return false;
      const auto alike = [&](TensorId id) {
        return graph_.shape(id).elements() == graph_.shape(op.output).elements();
      };
      if (need == RowNeed::kSame && !alike(op.input)) return false;
      if (op.second_input >= 0 && !alike(op.second_input)) return false;
    }
    return true;
  }

  // One patch: adds its MACs and takes its memory into account.
  void Add(const Region& patch) {
    regions_.assign(graph_.tensors.size(), {});
    regions_[graph_.ops[end_op_ - 1].output] = patch;
    for (int i = end_op_ - 1; i >= 0; --i) {
      const Op& op = graph_.ops[i];
      const Region& made = regions_[op.output];
      const arch::TensorShape& in = graph_.shape(op.input);
      const Region read = {Read(made.rows, op.kernel_h, op.stride_h, op.padding.top, in.height),
                           Read(made.columns, op.kernel_w, op.stride_w, op.padding.left, in.width)};
      Need(op.input, read);
      if (op.second_input >= 0) Need(op.second_input, made);
    }
    for (int i = 0; i < end_op_; ++i) {
      const TensorId output = graph_.ops[i].output;
      const arch::TensorShape& shape = graph_.shape(output);
      most_ = std::max(most_, LiveAt(i));
      done_ += static_cast<double>(macs_[i]) * static_cast<double>(regions_[output].cells()) /
               static_cast<double>(int64_t{shape.height} * shape.width);
    }
  }

  int64_t most() const { return most_; }
  double extra() const {
    double once = 0;
    for (const int64_t macs : macs_) once += static_cast<double>(macs);
    return done_ - once;
  }

 private:
  void Need(TensorId tensor, const Region& region) {
    Region& all = regions_[tensor];
    all = {Both(all.rows, region.rows), Both(all.columns, region.columns)};
  }

  int64_t Bytes(TensorId tensor) const {
    // These are whole, and counted once.
    if (tensor == graph_.input || tensor == graph_.ops[end_op_ - 1].output) return 0;
    return regions_[tensor].cells() * graph_.shape(tensor).channels;
  }

  // Of the patch, while operator `index` runs.
  int64_t LiveAt(int index) const {
    const Op& op = graph_.ops[index];
    int64_t bytes = Bytes(op.output);
    int64_t overwritten = 0;
    for (int i = 0; i < index; ++i) {
      const TensorId tensor = graph_.ops[i].output;
      if (last_use_[tensor] < index) continue;
      bytes += Bytes(tensor);
      const bool ends =
          last_use_[tensor] == index && arch::FactsOf(op.kind).in_place != arch::InPlace::kNever;
      if (ends) overwritten = std::max(overwritten, Bytes(tensor));
    }
    return bytes - std::min(overwritten, Bytes(op.output));
  }

  const Graph& graph_;
  const int end_op_;
  std::vector<int64_t> macs_;
  // By tensor: the last operator that reads it.
  std::vector<int> last_use_;
  // By tensor: what the patch at hand needs of it.
  std::vector<Region> regions_;
  int64_t most_ = 0;
  double done_ = 0;
};

int64_t RestBytes(const Graph& graph, int end_op, NetworkPlanner& planner) {
  Graph rest = graph;
  rest.input = graph.ops[end_op - 1].output;
  rest.ops.erase(rest.ops.begin(), rest.ops.begin() + end_op);
  return planner.Smallest(rest).plan.memory.arena_bytes;
}

}  // namespace

std::optional<PatchCost> CostOfPatches(const Graph& graph, const PatchGrid& grid,
                                       int64_t rest_bytes) {
  Patches patches(graph, grid.end_op);
  if (!patches.Possible()) return std::nullopt;
  const arch::TensorShape& out = graph.shape(graph.ops[grid.end_op - 1].output);
  if (grid.down > out.height || grid.across > out.width) return std::nullopt;
  for (int y = 0; y < grid.down; ++y) {
    for (int x = 0; x < grid.across; ++x) {
      patches.Add({Part(out.height, grid.down, y), Part(out.width, grid.across, x)});
    }
  }
  PatchCost cost;
  cost.grid = grid;
  cost.least_bytes =
      std::max(graph.shape(graph.input).elements() + out.elements() + patches.most(), rest_bytes);
  cost.extra_macs = patches.extra() / static_cast<double>(std::max<int64_t>(1, CountMacs(graph)));
  return cost;
}

std::optional<PatchCost> SmallestPatches(const Graph& graph, double max_extra_macs) {
  std::optional<PatchCost> best;
  NetworkPlanner planner;
  for (int end_op = 1; end_op < static_cast<int>(graph.ops.size()); ++end_op) {
    if (!Patches(graph, end_op).Possible()) continue;
    const int64_t rest = RestBytes(graph, end_op, planner);
    for (int down = 1; down <= kMostPatches; ++down) {
      for (int across = down == 1 ? 2 : 1; across <= kMostPatches; ++across) {
        const auto cost = CostOfPatches(graph, {end_op, down, across}, rest);
        if (!cost.has_value() || cost->extra_macs > max_extra_macs) continue;
        const bool less =
            !best.has_value() || cost->least_bytes < best->least_bytes ||
            (cost->least_bytes == best->least_bytes && cost->extra_macs < best->extra_macs);
        if (less) best = cost;
      }
    }
  }
  return best;
}

}  // namespace niwaki::engine
