#include "tests/bench/train_benchmark.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/runtime.h"
#include "libs/train/training_benchmark.h"
#include "tests/bench/eager_peer.h"

namespace niwaki::bench {
namespace {

// Each side's turns, after one that is not counted; the middle one counts.
constexpr int kTurns = 3;

struct Setting {
  const char* space;
  int resolution;
  int batch;
  int steps;
};
constexpr Setting kSettings[] = {{"cifar32", 32, 64, 2}, {"ofa_mbv3_w10", 128, 16, 1}};

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

absl::StatusOr<std::vector<Figure>> RunTrain(const std::string& /*folder*/) {
  supernet::TuneMalloc();
  const auto peer = EagerPeer::Start();
  std::vector<Figure> figures;
  for (const Setting& setting : kSettings) {
    train::TrainingBenchmarkOptions options;
    options.resolution = setting.resolution;
    options.batch = setting.batch;
    NIWAKI_ASSIGN_OR_RETURN(const auto workload,
                            train::TrainingWorkload::Create(setting.space, options));
    const Json request = {{"do", "train"}, {"batch", setting.batch}, {"steps", setting.steps}};
    if (peer.ok()) NIWAKI_RETURN_IF_ERROR((*peer)->Load(workload->space(), workload->graphs()));
    std::vector<double> ours, eager;
    for (int turn = 0; turn <= kTurns; ++turn) {
      NIWAKI_ASSIGN_OR_RETURN(const double seconds, workload->CpuSeconds(setting.steps));
      if (turn > 0) ours.push_back(seconds);
      if (!peer.ok()) continue;
      NIWAKI_ASSIGN_OR_RETURN(const double peer_seconds, (*peer)->CpuSeconds(request));
      if (turn > 0) eager.push_back(peer_seconds);
    }
    const double images = setting.batch * setting.steps;
    const std::string what = absl::StrCat(setting.space, " at ", setting.resolution, " px");
    figures.push_back({what, images / Middle(ours), "images/s", std::nullopt});
    if (!peer.ok()) {
      figures.push_back(
          AbsentFigure(absl::StrCat(what, ", ours over eager"), peer.status().message()));
      continue;
    }
    figures.push_back(
        {absl::StrCat(what, ", eager PyTorch"), images / Middle(eager), "images/s", std::nullopt});
    figures.push_back(
        {absl::StrCat(what, ", ours over eager"), Middle(eager) / Middle(ours), "times", 1.0});
  }
  return figures;
}

}  // namespace niwaki::bench
