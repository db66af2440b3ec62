// Measures and compares with the targets: niwaki-bench [--json] [NAME…].

#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "libs/base/process/standard_streams.h"
#include "tests/bench/benchmarks.h"

namespace {

// Below $TMPDIR; goes with the object.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "niwaki-bench-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string Help() {
  std::string help = "Measures figures and compares them with their targets. Benchmarks:\n";
  for (const niwaki::bench::Benchmark& benchmark : niwaki::bench::Benchmarks()) {
    absl::StrAppend(&help, "  ", benchmark.name, ": ", benchmark.what, "\n");
  }
  return help;
}

}  // namespace

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  CLI::App app(Help());
  std::vector<std::string> names;
  bool json = false;
  app.add_option("NAME", names, "which benchmarks; all by default");
  app.add_flag("--json", json, "print JSON");
  CLI11_PARSE(app, argc, argv);

  std::vector<niwaki::bench::Figure> all;
  size_t run = 0;
  for (const niwaki::bench::Benchmark& benchmark : niwaki::bench::Benchmarks()) {
    if (!names.empty() && !absl::c_linear_search(names, benchmark.name)) continue;
    ++run;
    const Folder folder;
    const auto figures = benchmark.run(folder.path());
    if (!figures.ok()) {
      std::fprintf(stderr, "%s: %s\n", benchmark.name.c_str(), figures.status().ToString().c_str());
      return 1;
    }
    if (!json) std::printf("%s\n%s\n", benchmark.name.c_str(), ToTable(*figures).c_str());
    std::fflush(stdout);
    all.insert(all.end(), figures->begin(), figures->end());
  }
  if (json) std::printf("%s\n", ToJson(all).c_str());
  if (run < std::max<size_t>(names.size(), 1)) std::fprintf(stderr, "%s", Help().c_str());
  return niwaki::ExitCodeAfterOutput("niwaki-bench",
                                     run < std::max<size_t>(names.size(), 1) ? 2 : 0);
}
