// Measures and compares with the targets: niwaki-bench [--json] [NAME…].

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/process/standard_streams.h"
#include "tests/bench/benchmarks.h"

namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "niwaki-bench-";

// Folders of processes that were killed before they could remove them. Their names hold the
// process.
void RemoveLeftFolders() {
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::temp_directory_path(), code)) {
    const std::string name = entry.path().filename().string();
    int pid = 0;
    if (name.rfind(kPrefix, 0) != 0) continue;
    const std::string rest = name.substr(sizeof(kPrefix) - 1);
    if (!absl::SimpleAtoi(rest.substr(0, rest.find('-')), &pid) || pid <= 0) continue;
    if (kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), code);
  }
}

// Below $TMPDIR; goes with the object, and with the process where a signal ends it.
class Folder {
 public:
  Folder()
      : path_((fs::temp_directory_path() / absl::StrCat(kPrefix, getpid(), "-XXXXXX")).string()) {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
    absl::MutexLock lock(&mutex_);
    current_ = path_;
  }
  ~Folder() { Remove(); }

  // Of the object that lives, if any.
  static void Remove() {
    absl::MutexLock lock(&mutex_);
    std::error_code code;
    if (!current_.empty()) fs::remove_all(current_, code);
    current_.clear();
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  static inline absl::Mutex mutex_{absl::kConstInit};
  static inline std::string current_ ABSL_GUARDED_BY(mutex_);

  std::string path_;
};

int signal_pipe[2] = {-1, -1};

// Async-signal-safe: the thread does the work.
void OnSignal(int signal) {
  const char byte = static_cast<char>(signal);
  if (write(signal_pipe[1], &byte, 1) < 0) _exit(128 + signal);
}

// From now on signals that end the process remove the folder first. One that is ignored stays so.
void RemoveFolderOnSignals() {
  if (pipe(signal_pipe) != 0) return;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before;
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
  }
  std::thread([] {
    char signal = 0;
    while (read(signal_pipe[0], &signal, 1) < 0) {
    }
    Folder::Remove();
    _exit(128 + signal);
  }).detach();
}

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
  RemoveLeftFolders();
  RemoveFolderOnSignals();

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
