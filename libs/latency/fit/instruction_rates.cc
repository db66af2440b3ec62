#include "libs/latency/fit/instruction_rates.h"

#include <cmath>

namespace niwaki::latency {

double LogFactor::factor() const { return std::exp(mean); }

LogFactor LogFactorOf(const std::vector<double>& factors) {
  LogFactor result;
  if (factors.empty()) return result;
  const auto count = static_cast<double>(factors.size());
  for (const double factor : factors) result.mean += std::log(factor) / count;
  for (const double factor : factors) {
    result.spread += std::pow(std::log(factor) - result.mean, 2) / count;
  }
  result.count = static_cast<int>(factors.size());
  result.spread = std::sqrt(result.spread);
  return result;
}

std::vector<double> NetworkFactors(const std::map<std::string, double>& instructions,
                                   const std::map<std::string, double>& latencies_ms,
                                   double clock_mhz) {
  constexpr double kKiloCyclesPerMs = 1e3;
  std::vector<double> factors;
  for (const auto& [net, count] : instructions) {
    const auto latency = latencies_ms.find(net);
    if (latency == latencies_ms.end()) continue;
    factors.push_back(latency->second * clock_mhz * kKiloCyclesPerMs / count);
  }
  return factors;
}

std::vector<double> BoardFactors(const std::vector<MlperfGroup>& groups, absl::string_view board,
                                 const std::vector<std::string>& references) {
  std::vector<double> factors;
  for (const MlperfGroup& group : groups) {
    const auto on_board = group.cycles.find(std::string(board));
    if (on_board == group.cycles.end()) continue;
    for (const std::string& reference : references) {
      const auto on_reference = group.cycles.find(reference);
      if (on_reference == group.cycles.end()) continue;
      factors.push_back(on_board->second / on_reference->second);
    }
  }
  return factors;
}

double IntervalRatio(const std::vector<double>& spreads) {
  constexpr double kQuantile = 1.94;
  double sum = 0;
  for (const double spread : spreads) sum += spread * spread;
  return std::exp(kQuantile * std::sqrt(sum));
}

}  // namespace niwaki::latency
