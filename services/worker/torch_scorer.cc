#include "services/worker/torch_scorer.h"

#include <utility>

#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/checkpoint/checkpoint.h"

namespace niwaki::worker {

struct TorchScorer::Loaded {
  std::string supernet_path;
  std::string data_path;
  train::LoadedSupernet supernet;
  std::unique_ptr<data::PreparedData> data;
  // Borrows both; null while one of them changes.
  std::unique_ptr<supernet::Scorer> scorer;
};

TorchScorer::TorchScorer(std::string device, int threads)
    : device_(std::move(device)), threads_(threads), loaded_(std::make_unique<Loaded>()) {}

TorchScorer::~TorchScorer() = default;

absl::StatusOr<std::unique_ptr<TorchScorer>> TorchScorer::Create(const std::string& device,
                                                                 int threads) {
  supernet::TuneMalloc();
  NIWAKI_RETURN_IF_ERROR(supernet::CheckDevice(device));
  return std::unique_ptr<TorchScorer>(new TorchScorer(device, threads));
}

std::string TorchScorer::precision() const { return supernet::PrecisionOf(device_); }

absl::Status TorchScorer::Prepare(const ScoreContext& context) {
  Loaded& loaded = *loaded_;
  loaded.scorer = nullptr;
  const bool other_supernet = loaded.supernet_path != context.supernet_path;
  if (other_supernet) {
    loaded.supernet_path.clear();
    NIWAKI_ASSIGN_OR_RETURN(loaded.supernet, train::LoadSupernet(context.supernet_path));
    loaded.supernet_path = context.supernet_path;
  }
  // Labels and normalisation of the data follow the supernet.
  if (other_supernet || loaded.data_path != context.data_path) {
    loaded.data_path.clear();
    NIWAKI_ASSIGN_OR_RETURN(
        data::FittedData fitted,
        data::OpenFitted(loaded.supernet.manifest.trained_on(), context.data_path));
    for (const std::string& note : fitted.notes) {
      Log(Severity::kInfo, "data_fitted", {{"digest", context.supernet_digest}, {"note", note}});
    }
    loaded.data = std::move(fitted.data);
    loaded.data_path = context.data_path;
  }
  supernet::ScoreOptions options;
  options.calibration_images = context.evaluation.calibration_images();
  options.evaluation_images = context.evaluation.evaluation_images();
  if (context.evaluation.split() == v1::SPLIT_TEST) options.split = data::Split::kTest;
  options.threads = threads_;
  options.device = device_;
  NIWAKI_ASSIGN_OR_RETURN(loaded.scorer, supernet::Scorer::Create(loaded.supernet.supernet.get(),
                                                                  loaded.data.get(), options));
  Log(Severity::kInfo, "supernet_loaded",
      {{"space", loaded.supernet.supernet->space().name()}, {"digest", context.supernet_digest}});
  return absl::OkStatus();
}

absl::StatusOr<v1::Score> TorchScorer::Score(const std::string& subnet_json) {
  NIWAKI_CHECK(loaded_->scorer != nullptr);
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::SubnetFromJson(loaded_->supernet.supernet->space(), subnet_json));
  NIWAKI_ASSIGN_OR_RETURN(const supernet::Score scored, loaded_->scorer->ScoreSubnet(subnet));
  v1::Score score;
  score.set_top1(scored.top1);
  score.set_top5(scored.top5);
  score.set_loss(scored.loss);
  score.set_images(scored.images);
  score.set_seconds(scored.recalibration_seconds + scored.evaluation_seconds);
  return score;
}

}  // namespace niwaki::worker
