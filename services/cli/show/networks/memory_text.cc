#include "services/cli/show/networks/memory_text.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/describe.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

std::string PlaceText(const engine::TensorPlacement& place) {
  return absl::StrCat("@", place.offset_bytes, "+", place.size_bytes);
}

// The tensors that live while operator `index` runs, in order of their numbers.
std::string LivingText(const engine::MemoryPlan& plan, int index) {
  std::vector<std::string> living;
  for (size_t t = 0; t < plan.tensors.size(); ++t) {
    const engine::TensorPlacement& place = plan.tensors[t];
    if (place.size_bytes == 0 || place.first_op > index || place.last_op < index) continue;
    living.push_back(absl::StrCat(t, PlaceText(place)));
  }
  return absl::StrJoin(living, "  ");
}

}  // namespace

std::string MemoryTable(const arch::Graph& graph, const engine::MemoryPlan& plan) {
  Table table({{"", Align::kRight},
               {"OPERATOR"},
               {"OUTPUT", Align::kRight},
               {"IN PLACE"},
               {"SCRATCH", Align::kRight},
               {"LIVE", Align::kRight},
               {""},
               {"TENSORS@OFFSET+BYTES"}});
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const int index = static_cast<int>(i);
    const arch::TensorId over = plan.overwrites[i];
    table.AddRow({absl::StrCat(i), arch::OpName(graph, graph.ops[i]),
                  absl::StrCat(graph.ops[i].output), over < 0 ? "" : absl::StrCat("over ", over),
                  absl::StrCat(plan.scratch[i].size_bytes),
                  absl::StrCat(engine::LiveBytes(plan, index)),
                  index == plan.peak_op ? "<- peak" : "", LivingText(plan, index)});
  }
  return absl::StrCat(table.ToString(), "arena ", plan.arena_bytes, " bytes, lower bound ",
                      plan.lower_bound_bytes, "\n");
}

}  // namespace niwaki::cli
