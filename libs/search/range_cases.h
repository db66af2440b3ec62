// Numbers at the ends of a range, for tests of whoever takes an option.

#ifndef NIWAKI_LIBS_SEARCH_RANGE_CASES_H_
#define NIWAKI_LIBS_SEARCH_RANGE_CASES_H_

#include <vector>

#include "libs/search/option.h"

namespace niwaki::search {

struct RangeCases {
  // The least and the greatest that are allowed.
  std::vector<double> accepted;
  // What lies just beyond them.
  std::vector<double> refused;
};

inline RangeCases CasesOf(const Range& range) {
  constexpr double kBit = 1.0 / 1024;
  const double step = range.whole ? 1 : kBit;
  if (!range.low_allowed) {
    return {{range.low + step, range.high}, {range.low, range.high + step}};
  }
  return {{range.low, range.high}, {range.low - step, range.high + step}};
}

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_RANGE_CASES_H_
