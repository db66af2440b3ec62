#include "tests/bench/score_benchmark.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/scoring_benchmark.h"
#include "libs/supernet/scoring/switch_benchmark.h"
#include "tests/bench/eager_peer.h"

namespace niwaki::bench {
namespace {

constexpr char kSpace[] = "ofa_mbv3_w10";
// Each side's turns; the middle one counts.
constexpr int kTurns = 3;
// The reference evaluates so.
constexpr int kPeerBatch = 64;
constexpr int kSwitches = 300;
constexpr uint64_t kSwitchSeed = 1;

// Images per second of one core.
struct Rates {
  double recalibration = 0;
  double evaluation = 0;
};

// One resolution, with what the reference's own code was recorded at on another machine (mean of 50
// subnets): for reading, never for a verdict.
struct Setting {
  int resolution;
  int batches;
  Rates recorded;
};
constexpr Setting kSettings[] = {{128, 2, {127, 228}}, {224, 1, {29.0, 49.6}}};

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Rates MiddleOf(const std::vector<Rates>& turns) {
  std::vector<double> recalibration, evaluation;
  for (const Rates& rates : turns) {
    recalibration.push_back(rates.recalibration);
    evaluation.push_back(rates.evaluation);
  }
  return {Middle(recalibration), Middle(evaluation)};
}

absl::StatusOr<Rates> OurTurn(supernet::ScoringWorkload& workload, double images) {
  NIWAKI_ASSIGN_OR_RETURN(const supernet::Score score, workload.Run());
  return Rates{images / score.recalibration_cpu_seconds, images / score.evaluation_cpu_seconds};
}

absl::StatusOr<Rates> PeerTurn(EagerPeer& peer, const Setting& setting) {
  const double images = kPeerBatch * setting.batches;
  Json request = {{"do", "recalibrate"}, {"batch", kPeerBatch}, {"batches", setting.batches}};
  NIWAKI_ASSIGN_OR_RETURN(const double recalibration, peer.CpuSeconds(request));
  request["do"] = "evaluate";
  NIWAKI_ASSIGN_OR_RETURN(const double evaluation, peer.CpuSeconds(request));
  return Rates{images / recalibration, images / evaluation};
}

struct Comparison {
  Rates ours;
  // Absent without PyTorch.
  std::optional<Rates> eager;
};

absl::StatusOr<Comparison> Compare(const Setting& setting, supernet::ScoringWorkload& workload,
                                   EagerPeer* peer) {
  const double images = kPeerBatch * setting.batches;
  if (peer != nullptr) {
    NIWAKI_RETURN_IF_ERROR(peer->Load(
        workload.space(), {arch::BuildGraph(workload.space(), arch::MaxSubnet(workload.space())),
                           arch::BuildGraph(workload.space(), workload.subnet())}));
    NIWAKI_RETURN_IF_ERROR(PeerTurn(*peer, setting).status());
  }
  NIWAKI_RETURN_IF_ERROR(OurTurn(workload, images).status());
  std::vector<Rates> ours, eager;
  for (int turn = 0; turn < kTurns; ++turn) {
    NIWAKI_ASSIGN_OR_RETURN(const Rates rates, OurTurn(workload, images));
    ours.push_back(rates);
    if (peer == nullptr) continue;
    NIWAKI_ASSIGN_OR_RETURN(const Rates peer_rates, PeerTurn(*peer, setting));
    eager.push_back(peer_rates);
  }
  Comparison comparison;
  comparison.ours = MiddleOf(ours);
  if (!eager.empty()) comparison.eager = MiddleOf(eager);
  return comparison;
}

// `eager`: the peer's rate, or why there is none.
void AddRows(const std::string& what, double ours, const absl::StatusOr<double>& eager,
             double recorded, double target, std::vector<Figure>& figures) {
  figures.push_back({what, ours, "images/s", std::nullopt});
  const std::string ratio = absl::StrCat(what, ", ours over eager");
  if (eager.ok()) {
    figures.push_back({absl::StrCat(what, ", eager PyTorch"), *eager, "images/s", std::nullopt});
    figures.push_back({ratio, ours / *eager, "times", target});
  } else {
    figures.push_back(AbsentFigure(ratio, eager.status().message()));
  }
  figures.push_back({absl::StrCat(what, ", reference recorded on another machine"), recorded,
                     "images/s", std::nullopt});
}

// Seconds for a whole subnet of the small spaces, on two cores.
absl::Status AddWholeSubnets(const std::string& folder, std::vector<Figure>& figures) {
  for (const std::string space : {"kws", "cifar32"}) {
    supernet::ScoringBenchmarkOptions options;
    options.folder = folder;
    NIWAKI_ASSIGN_OR_RETURN(const supernet::ScoringFigures measured,
                            supernet::MeasureScoring(space, options));
    const auto add = [&](const std::string& what, double seconds) {
      figures.push_back({absl::StrCat(space, ", ", what, ", two cores"), seconds, "s/subnet",
                         std::nullopt, Better::kLower});
    };
    add("recalibrate on 512", measured.recalibration_seconds);
    add("evaluate 1000", measured.evaluation_seconds);
  }
  return absl::OkStatus();
}

// What it takes to go from one subnet to another.
absl::Status AddSwitches(std::vector<Figure>& figures) {
  for (const std::string space : {"ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSIGN_OR_RETURN(const supernet::SwitchFigures measured,
                            supernet::MeasureCatalogueSwitch(space, kSwitches, kSwitchSeed));
    const double share = static_cast<double>(measured.most_new_bytes) / measured.supernet_bytes;
    figures.push_back(
        {absl::StrCat(space, ", next subnet"), measured.milliseconds, "ms", 1, Better::kLower});
    figures.push_back(
        {absl::StrCat(space, ", new memory then"), share, "of the supernet", 0.05, Better::kLower});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Figure>> RunScore(const std::string& folder) {
  supernet::TuneMalloc();
  supernet::SetOperatorThreads(1);
  const auto peer = EagerPeer::Start();
  std::vector<Figure> figures;
  for (const Setting& setting : kSettings) {
    supernet::ScoringBenchmarkOptions options;
    options.folder = folder;
    options.threads = 1;
    options.calibration_images = kPeerBatch * setting.batches;
    options.evaluation_images = options.calibration_images;
    NIWAKI_ASSIGN_OR_RETURN(const auto workload,
                            supernet::ScoringWorkload::Create(kSpace, setting.resolution, options));
    NIWAKI_ASSIGN_OR_RETURN(const Comparison comparison,
                            Compare(setting, *workload, peer.ok() ? peer->get() : nullptr));
    const auto eager = [&](double Rates::*rate) -> absl::StatusOr<double> {
      if (!comparison.eager.has_value()) return peer.status();
      return (*comparison.eager).*rate;
    };
    AddRows(absl::StrCat(setting.resolution, " px, evaluate"), comparison.ours.evaluation,
            eager(&Rates::evaluation), setting.recorded.evaluation, 3.0, figures);
    AddRows(absl::StrCat(setting.resolution, " px, recalibrate"), comparison.ours.recalibration,
            eager(&Rates::recalibration), setting.recorded.recalibration, 1.3, figures);
  }
  NIWAKI_RETURN_IF_ERROR(AddWholeSubnets(folder, figures));
  NIWAKI_RETURN_IF_ERROR(AddSwitches(figures));
  return figures;
}

}  // namespace niwaki::bench
