#include "libs/predictor/baselines.h"

#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"

namespace niwaki::predictor {
namespace {

Baseline MeasureOne(const std::vector<double>& sizes, const ScoreTable& table,
                    const std::vector<int>& inputs) {
  KendallWithin within;
  within.Add(sizes, table.top1, inputs);
  return {KendallTau(sizes, table.top1), within.tau()};
}

}  // namespace

void MeasureBaselines(const arch::SearchSpace& space, const ScoreTable& table, HeldOut& figures) {
  std::vector<double> macs;
  std::vector<double> parameters;
  std::vector<int> inputs;
  for (const arch::Subnet& subnet : table.subnets) {
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    macs.push_back(static_cast<double>(arch::CountMacs(graph)));
    parameters.push_back(static_cast<double>(arch::CountParams(graph)));
    inputs.push_back(subnet.genes[space.layout().resolution]);
  }
  figures.macs = MeasureOne(macs, table, inputs);
  figures.parameters = MeasureOne(parameters, table, inputs);
}

}  // namespace niwaki::predictor
