// Cycles that an instruction takes, from what was published: latencies of engines whose
// instructions are counted, and of one engine on several boards.

#ifndef NIWAKI_LIBS_LATENCY_FIT_INSTRUCTION_RATES_H_
#define NIWAKI_LIBS_LATENCY_FIT_INSTRUCTION_RATES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/latency/fit/reference_figures.h"

namespace niwaki::latency {

// Factors as logarithms: their mean and root mean square about it.
struct LogFactor {
  int count = 0;
  double mean = 0;
  double spread = 0;

  // The geometric mean.
  double factor() const;
};

// Of factors above 0; all 0 for none.
LogFactor LogFactorOf(const std::vector<double>& factors);

// Cycles per instruction at `clock_mhz` of each network that has both a count and a latency.
std::vector<double> NetworkFactors(const std::map<std::string, double>& instructions,
                                   const std::map<std::string, double>& latencies_ms,
                                   double clock_mhz);

// Cycles on `board` over those on each of `references`, same round, engine and network.
std::vector<double> BoardFactors(const std::vector<MlperfGroup>& groups, absl::string_view board,
                                 const std::vector<std::string>& references);

// Half width, as a factor, of an interval that holds nine of ten cases when logarithms of errors
// are normal with these root mean squares, independent of each other and known from few cases
// (Student, six degrees of freedom).
double IntervalRatio(const std::vector<double>& spreads);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_FIT_INSTRUCTION_RATES_H_
