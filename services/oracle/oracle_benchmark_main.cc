// Prints the oracle's figures, for work on it.

#include <cstdio>
#include <string>

#include "services/oracle/oracle_benchmark.h"

int main(int argc, char** argv) {
  using niwaki::oracle::BatchedSubnetsPerSecond;
  using niwaki::oracle::SubnetForm;
  const std::string folder = argc > 1 ? argv[1] : "/tmp";
  const auto show = [](const char* name, const absl::StatusOr<double>& figure) {
    std::printf("%-28s %s\n", name,
                figure.ok() ? std::to_string(*figure).c_str() : figure.status().ToString().c_str());
  };
  show("genes, 2 clients, /s", BatchedSubnetsPerSecond(folder, 2, SubnetForm::kGenes, 3));
  show("genes, 1 client, /s", BatchedSubnetsPerSecond(folder, 1, SubnetForm::kGenes, 3));
  show("json, 2 clients, /s", BatchedSubnetsPerSecond(folder, 2, SubnetForm::kJson, 3));
  show("single query p99, ms", niwaki::oracle::SingleQueryP99Ms(folder, 5000));
  return 0;
}
