#include "services/cli/show/networks/operator_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/text/units.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

Json ShapeToJson(const arch::TensorShape& shape) {
  return Json::array({shape.height, shape.width, shape.channels});
}

}  // namespace

std::string OperatorTable(const arch::Graph& graph, const engine::MemoryPlan& plan,
                          const std::vector<std::string>& problems) {
  std::vector<Column> columns = {{"", Align::kRight},       {"OPERATOR"},
                                 {"KERNEL", Align::kRight}, {"STRIDE", Align::kRight},
                                 {"INPUT", Align::kRight},  {"OUTPUT", Align::kRight},
                                 {"MACS", Align::kRight},   {"PARAMS", Align::kRight},
                                 {"LIVE", Align::kRight},   {"ACTIVATION"}};
  if (!problems.empty()) columns.push_back({"PROBLEM"});
  Table table(std::move(columns));
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const arch::Op& op = graph.ops[i];
    const arch::TensorId first = arch::InputsOf(graph, op)[0];
    std::vector<std::string> row = {absl::StrCat(i),
                                    std::string(arch::OpKindName(op.kind)),
                                    arch::WindowText(op.kernel_h, op.kernel_w),
                                    arch::WindowText(op.stride_h, op.stride_w),
                                    arch::ShapeText(graph.shape(first)),
                                    arch::ShapeText(graph.shape(op.output)),
                                    FormatCount(arch::MacsOf(graph, op)),
                                    FormatCount(arch::ParamsOf(graph, op)),
                                    FormatBytes(engine::LiveBytes(plan, static_cast<int>(i))),
                                    std::string(arch::OpActivationName(op.activation))};
    if (!problems.empty()) row.push_back(problems[i]);
    table.AddRow(std::move(row));
  }
  return table.ToString();
}

Json OperatorToJson(const arch::Graph& graph, const engine::MemoryPlan& plan, int index) {
  const arch::Op& op = graph.ops[index];
  Json json;
  json["kind"] = std::string(arch::OpKindName(op.kind));
  json["activation"] = std::string(arch::OpActivationName(op.activation));
  json["input"] = ShapeToJson(graph.shape(arch::InputsOf(graph, op)[0]));
  json["output"] = ShapeToJson(graph.shape(op.output));
  json["kernel"] = Json::array({op.kernel_h, op.kernel_w});
  json["stride"] = Json::array({op.stride_h, op.stride_w});
  json["macs"] = arch::MacsOf(graph, op);
  json["params"] = arch::ParamsOf(graph, op);
  json["live_bytes"] = engine::LiveBytes(plan, index);
  return json;
}

}  // namespace niwaki::cli
