// A measured figure and its target: one row of a benchmark's table.

#ifndef NIWAKI_TESTS_BENCH_FIGURE_H_
#define NIWAKI_TESTS_BENCH_FIGURE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::bench {

enum class Better { kHigher, kLower };

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  // Absent where the figure only informs.
  std::optional<double> target;
  Better better = Better::kHigher;
  // Why there is no value; empty where there is one.
  std::string absent;
  // What others publish for the same, for reading: "TinyEngine 34.53, CMSIS-NN 49.05". No verdict.
  std::string beside = {};

  // Whether the target is met; true without one.
  bool ok() const;
};

// A row without a value, and why.
Figure AbsentFigure(std::string name, absl::string_view why);

// Aligned columns: name, value, unit, target, ok or short, and what others publish.
std::string ToTable(const std::vector<Figure>& figures);

// A JSON array of objects with the same columns.
std::string ToJson(const std::vector<Figure>& figures);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_FIGURE_H_
