#include "services/worker/torch_scorer.h"

#include <utility>

#include "absl/time/time.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/int8/quantise_subnet.h"
#include "libs/int8/score_int8.h"
#include "libs/interchange/tflite/write_model.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/checkpoint/checkpoint.h"

namespace niwaki::worker {

namespace {

data::Split SplitOf(const v1::Evaluation& evaluation) {
  return evaluation.split() == v1::SPLIT_TEST ? data::Split::kTest : data::Split::kValidation;
}

absl::StatusOr<v1::Score> Int8ScoreOf(const engine::QuantisedNetwork& network,
                                      const data::PreparedData& data, data::Split split,
                                      int64_t images, int threads) {
  const absl::Time start = Clock::Real().Now();
  data::ParallelOptions parallel;
  parallel.threads = threads;
  NIWAKI_ASSIGN_OR_RETURN(const int8::Int8Score scored,
                          int8::ScoreInt8(network, data, split, images, parallel));
  v1::Score score;
  score.set_top1(scored.top1);
  score.set_top5(scored.top5);
  score.set_images(scored.images);
  score.set_seconds(absl::ToDoubleSeconds(Clock::Real().Now() - start));
  return score;
}

}  // namespace

struct TorchScorer::Loaded {
  std::string supernet_path;
  std::string data_path;
  train::LoadedSupernet supernet;
  std::unique_ptr<data::PreparedData> data;
  ScoreContext context;
  // Borrows both; null while one of them changes, and for proofs.
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

int TorchScorer::quantiser_version() const { return engine::kQuantiserVersion; }

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
  loaded.context = context;
  // Proofs compute without it.
  if (context.task == v1::LEASE_TASK_PROVE) return absl::OkStatus();
  supernet::ScoreOptions options;
  options.calibration_images = context.evaluation.calibration_images();
  options.evaluation_images = context.evaluation.evaluation_images();
  options.split = SplitOf(context.evaluation);
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

absl::StatusOr<ProvenNetwork> TorchScorer::Prove(const std::string& subnet_json) {
  const supernet::Supernet& supernet = *loaded_->supernet.supernet;
  const data::PreparedData& data = *loaded_->data;
  const v1::Evaluation& evaluation = loaded_->context.evaluation;
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::SubnetFromJson(supernet.space(), subnet_json));
  int8::QuantiseSubnetOptions options;
  options.supernet_digest = loaded_->context.supernet_digest;
  options.calibration_images = evaluation.calibration_images();
  options.threads = threads_;
  NIWAKI_ASSIGN_OR_RETURN(const int8::QuantisedSubnet quantised,
                          int8::QuantiseSubnet(supernet, subnet, data, options));
  ProvenNetwork proven;
  NIWAKI_ASSIGN_OR_RETURN(proven.file, interchange::WriteModel(quantised.network));
  proven.quantise_key = quantised.key.Digest();
  NIWAKI_ASSIGN_OR_RETURN(proven.score, Int8ScoreOf(quantised.network, data, SplitOf(evaluation),
                                                    evaluation.evaluation_images(), threads_));
  if (data.size(data::Split::kTest) == 0) return proven;
  NIWAKI_ASSIGN_OR_RETURN(
      proven.test_score,
      Int8ScoreOf(quantised.network, data, data::Split::kTest, /*images=*/0, threads_));
  return proven;
}

}  // namespace niwaki::worker
