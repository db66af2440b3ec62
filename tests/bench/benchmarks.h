// The benchmarks by name. Each measures its figures anew whenever it runs.

#ifndef NIWAKI_TESTS_BENCH_BENCHMARKS_H_
#define NIWAKI_TESTS_BENCH_BENCHMARKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace niwaki::bench {

struct Benchmark {
  std::string name;
  std::string what;
  // Measures; `folder` is an empty folder to work in.
  absl::StatusOr<std::vector<Figure>> (*run)(const std::string& folder);
};

const std::vector<Benchmark>& Benchmarks();

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_BENCHMARKS_H_
