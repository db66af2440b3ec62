#include "tests/latency/fit_report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/latency/operator_class.h"

namespace niwaki::latency {

std::string ErrorsText(std::vector<double> ratios) {
  if (ratios.empty()) return "n 0";
  double sum = 0;
  for (double& ratio : ratios) {
    ratio = 100 * std::abs(ratio - 1);
    sum += ratio;
  }
  std::sort(ratios.begin(), ratios.end());
  const size_t n = ratios.size();
  return absl::StrFormat("n %d, mean %.1f %%, median %.1f %%, worst %.1f %%", n,
                         sum / static_cast<double>(n), (ratios[(n - 1) / 2] + ratios[n / 2]) / 2,
                         ratios.back());
}

std::string OperatorTable(const LatencyModel& model,
                          const std::vector<CountedOperator>& operators) {
  std::map<std::string, std::vector<double>> ratios;
  std::map<std::string, double> instructions;
  double all = 0;
  for (const CountedOperator& one : operators) {
    std::string name = OperatorClassName(OperatorClassOf(one.op));
    if (name.empty()) name = absl::StrCat(CostKindOf(one.op), ", other windows");
    auto coefficients = model.coefficients.find(OperatorClassName(OperatorClassOf(one.op)));
    if (coefficients == model.coefficients.end()) {
      coefficients = model.coefficients.find(CostKindOf(one.op));
    }
    ratios[name].push_back(coefficients->second.Cycles(one.work) / one.instructions);
    instructions[name] += one.instructions;
    all += one.instructions;
  }
  std::string text = "| class | share | errors |\n|---|---|---|\n";
  for (const auto& [name, values] : ratios) {
    absl::StrAppendFormat(&text, "| %s | %.1f %% | %s |\n", name, 100 * instructions[name] / all,
                          ErrorsText(values));
  }
  return text;
}

std::string NetworkTable(const std::vector<NetworkCount>& networks) {
  std::string text = "| network | counted M | model M | error |\n|---|---|---|---|\n";
  std::vector<double> ratios;
  for (const NetworkCount& network : networks) {
    ratios.push_back(network.ratio());
    absl::StrAppendFormat(&text, "| %s | %.2f | %.2f | %+.1f %% |\n", network.name,
                          network.counted / 1e6, network.predicted / 1e6,
                          100 * (network.ratio() - 1));
  }
  absl::StrAppend(&text, "\n", ErrorsText(ratios), "\n");
  return text;
}

absl::StatusOr<std::string> WithReport(absl::string_view document, absl::string_view heading,
                                       absl::string_view report) {
  const std::string line = absl::StrCat("\n", heading, "\n");
  const size_t begin = document.find(line);
  if (begin == absl::string_view::npos) {
    return Error(absl::StatusCode::kNotFound, reason::kFileMalformed)
        .Field("document")
        .Value(heading)
        .Message(absl::StrCat("the document has no line '", heading, "'"));
  }
  return absl::StrCat(document.substr(0, begin), line, "\n", report);
}

}  // namespace niwaki::latency
