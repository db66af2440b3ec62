#include "services/trainer/compare_alone.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnets/size_ladder.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/interchange/ofa/fixed_space.h"

namespace niwaki::trainer {
namespace {

std::string OutputOf(const CompareOptions& options, int index) {
  return absl::StrCat(options.folder, "/alone-", index + 1, ".supernet.safetensors");
}

// OK when `path` is missing or holds (part of) the training that `wanted` describes.
absl::StatusOr<bool> HoldsTraining(const std::string& path, const train::Manifest& wanted,
                                   const arch::SearchSpace& space) {
  if (!FileExists(path)) return false;
  NIWAKI_ASSIGN_OR_RETURN(const train::Manifest found, train::ReadManifest(path));
  if (train::CheckSameSpace(found, space).ok() && found.seed == wanted.seed &&
      found.data_digest == wanted.data_digest && found.recipe.ToJson() == wanted.recipe.ToJson()) {
    return true;
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("--out")
      .Value(path)
      .Message(absl::StrCat(path, " is of another comparison (network, recipe, epochs, seed or ",
                            "data differ); name another folder or remove it"));
}

// Trains the one network of `space` into OutputOf(options, index), or finds it there.
absl::Status TrainAlone(const arch::SearchSpace& space, const train::Recipe& recipe,
                        const data::PreparedData& data, const CompareOptions& options, int index) {
  train::TrainOptions training = options.train;
  training.recipe = recipe;
  training.minutes = 0;
  training.output = OutputOf(options, index);
  training.evaluations = 0;
  train::Manifest wanted;
  wanted.recipe = recipe;
  wanted.seed = training.seed;
  wanted.data_digest = data.digest();
  NIWAKI_ASSIGN_OR_RETURN(const bool done, HoldsTraining(training.output, wanted, space));
  if (done) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(training.resume,
                          HoldsTraining(train::CheckpointPath(training.output), wanted, space));
  NIWAKI_ASSIGN_OR_RETURN(const auto trainer, train::Trainer::Create(space, &data, training));
  return trainer->Run().status();
}

absl::StatusOr<supernet::Score> ScoreAlone(const CompareOptions& options, int index,
                                           const data::PreparedData& data) {
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet alone,
                          train::LoadSupernet(OutputOf(options, index)));
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer,
                          supernet::Scorer::Create(alone.supernet.get(), &data, options.score));
  return scorer->ScoreSubnet(arch::MaxSubnet(alone.supernet->space()));
}

absl::Status CheckOptions(const CompareOptions& options) {
  // The smallest and the largest.
  constexpr int kLeastSubnets = 2;
  return CheckAtLeast("--subnets", options.subnets, kLeastSubnets);
}

}  // namespace

absl::StatusOr<arch::SearchSpace> SpaceOfOne(const arch::SearchSpace& space,
                                             const arch::Subnet& subnet) {
  return interchange::FixedSpace(space, subnet, absl::StrCat(space.name(), "_alone"));
}

double Comparison::mean_difference() const {
  double sum = 0;
  for (const ComparedSubnet& compared : subnets) sum += compared.difference();
  return subnets.empty() ? 0 : sum / static_cast<double>(subnets.size());
}

absl::StatusOr<double> EpochsOf(const train::Manifest& manifest, const data::PreparedData& data) {
  const auto mismatch = [] {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch);
  };
  if (manifest.step == 0) {
    return mismatch()
        .Field("--supernet")
        .Message(
            "the supernet was not trained here (it may have been imported): there is no number of "
            "epochs to train its subnets alone for");
  }
  if (manifest.data_digest != data.digest()) {
    return mismatch()
        .Field("--data")
        .Value(data.digest())
        .Limit(manifest.data_digest)
        .Message(
            "the supernet was trained on other data; training alone on this would compare "
            "the data");
  }
  const int64_t steps_per_epoch =
      std::max<int64_t>(1, data.size(data::Split::kTrain) / manifest.recipe.batch_size);
  return static_cast<double>(manifest.step) / static_cast<double>(steps_per_epoch);
}

absl::StatusOr<Comparison> CompareAlone(const train::LoadedSupernet& loaded,
                                        const data::PreparedData& data,
                                        const CompareOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckOptions(options));
  const arch::SearchSpace& space = loaded.supernet->space();
  Comparison comparison;
  NIWAKI_ASSIGN_OR_RETURN(comparison.epochs, EpochsOf(loaded.manifest, data));
  if (options.epochs > 0) comparison.epochs = options.epochs;
  train::Recipe recipe = loaded.manifest.recipe.ForOneNetwork();
  recipe.ScaleTo(comparison.epochs);
  NIWAKI_RETURN_IF_ERROR(MakeFolders(options.folder));
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer,
                          supernet::Scorer::Create(loaded.supernet.get(), &data, options.score));
  for (const arch::Subnet& subnet : arch::SizeLadder(space, options.subnets, kLadderSeed)) {
    const int index = static_cast<int>(comparison.subnets.size());
    if (options.on_network) options.on_network(index, subnet);
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace one, SpaceOfOne(space, subnet));
    NIWAKI_RETURN_IF_ERROR(TrainAlone(one, recipe, data, options, index));
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    ComparedSubnet compared;
    compared.subnet = subnet;
    compared.macs = arch::CountMacs(graph);
    compared.parameters = arch::CountParams(graph);
    NIWAKI_ASSIGN_OR_RETURN(compared.supernet, scorer->ScoreSubnet(subnet));
    NIWAKI_ASSIGN_OR_RETURN(compared.alone, ScoreAlone(options, index, data));
    comparison.subnets.push_back(std::move(compared));
  }
  return comparison;
}

std::string ComparisonText(const arch::SearchSpace& space, const Comparison& comparison) {
  std::string text = absl::StrFormat("%9s  %10s  %8s  %8s  %10s  subnet\n", "MACs", "parameters",
                                     "supernet", "alone", "difference");
  for (const ComparedSubnet& compared : comparison.subnets) {
    absl::StrAppendFormat(&text, "%9s  %10s  %6.2f %%  %6.2f %%  %+10.2f  %s\n",
                          FormatCount(compared.macs), FormatCount(compared.parameters),
                          100 * compared.supernet.top1, 100 * compared.alone.top1,
                          100 * compared.difference(), arch::ToJson(space, compared.subnet));
  }
  absl::StrAppendFormat(&text,
                        "mean difference %+.2f points: subnets of the supernet less the same "
                        "networks trained alone for %.1f epochs\n",
                        100 * comparison.mean_difference(), comparison.epochs);
  return text;
}

std::string ComparisonJson(const arch::SearchSpace& space, const Comparison& comparison) {
  Json json = {{"epochs", comparison.epochs},
               {"mean_difference", comparison.mean_difference()},
               {"subnets", Json::array()}};
  for (const ComparedSubnet& compared : comparison.subnets) {
    json["subnets"].push_back({{"subnet", Json::parse(arch::ToJson(space, compared.subnet))},
                               {"macs", compared.macs},
                               {"parameters", compared.parameters},
                               {"supernet_top1", compared.supernet.top1},
                               {"supernet_loss", compared.supernet.loss},
                               {"alone_top1", compared.alone.top1},
                               {"alone_loss", compared.alone.loss},
                               {"images", compared.alone.images}});
  }
  return json.dump(2);
}

}  // namespace niwaki::trainer
