#include "libs/supernet/scoring/scoring_benchmark.h"

#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/synthetic.h"

namespace niwaki::supernet {
namespace {

absl::StatusOr<std::unique_ptr<data::PreparedData>> SyntheticDataFor(
    const arch::SearchSpace& space, const arch::Resolution& resolution,
    const ScoringBenchmarkOptions& options) {
  data::SyntheticOptions synthetic;
  synthetic.classes = space.num_classes();
  synthetic.channels = space.input_channels();
  synthetic.height = resolution.height;
  synthetic.width = resolution.width;
  synthetic.sizes = {16, options.calibration_images, options.evaluation_images, 16};
  synthetic.seed = options.seed;
  synthetic.out =
      absl::StrCat(options.folder, "/niwaki-scoring-", space.name(), "-", getpid(), ".nwd");
  NIWAKI_RETURN_IF_ERROR(data::GenerateSynthetic(synthetic));
  auto data = data::PreparedData::Open(synthetic.out);
  // The mapping keeps the content.
  unlink(synthetic.out.c_str());
  return data;
}

ScoreOptions ScoreOptionsOf(const ScoringBenchmarkOptions& options) {
  ScoreOptions score_options;
  score_options.calibration_images = options.calibration_images;
  score_options.evaluation_images = options.evaluation_images;
  score_options.threads = options.threads;
  return score_options;
}

absl::StatusOr<uint8_t> ResolutionIndex(const arch::SearchSpace& space, int value) {
  for (size_t r = 0; r < space.resolutions().size(); ++r) {
    if (space.resolutions()[r].value == value) return static_cast<uint8_t>(r);
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("resolution")
      .Value(value)
      .Message(absl::StrCat("resolution ", value, " is not in the space ", space.name()));
}

}  // namespace

absl::StatusOr<ScoringFigures> MeasureScoring(absl::string_view space_name,
                                              const ScoringBenchmarkOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(space_name));
  NIWAKI_ASSIGN_OR_RETURN(const auto data,
                          SyntheticDataFor(space, space.resolutions().back(), options));
  const auto supernet = Supernet::Random(space, options.seed);
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer,
                          Scorer::Create(supernet.get(), data.get(), ScoreOptionsOf(options)));
  Random random(options.seed);
  // Loads the images of every resolution.
  for (size_t r = 0; r < space.resolutions().size(); ++r) {
    arch::Subnet subnet = arch::MinSubnet(space);
    subnet.genes[space.layout().resolution] = static_cast<uint8_t>(r);
    NIWAKI_RETURN_IF_ERROR(scorer->ScoreSubnet(subnet).status());
  }
  ScoringFigures figures;
  for (int i = 0; i < options.subnets; ++i) {
    NIWAKI_ASSIGN_OR_RETURN(const Score score,
                            scorer->ScoreSubnet(arch::SampleSubnet(space, random)));
    figures.recalibration_seconds += score.recalibration_seconds / options.subnets;
    figures.evaluation_seconds += score.evaluation_seconds / options.subnets;
  }
  figures.seconds_per_subnet = figures.recalibration_seconds + figures.evaluation_seconds;
  return figures;
}

absl::StatusOr<std::unique_ptr<ScoringWorkload>> ScoringWorkload::Create(
    absl::string_view space_name, int resolution, const ScoringBenchmarkOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(space_name));
  NIWAKI_ASSIGN_OR_RETURN(const uint8_t index, ResolutionIndex(space, resolution));
  std::unique_ptr<ScoringWorkload> workload(new ScoringWorkload);
  NIWAKI_ASSIGN_OR_RETURN(workload->data_,
                          SyntheticDataFor(space, space.resolutions()[index], options));
  workload->supernet_ = Supernet::Random(space, options.seed);
  NIWAKI_ASSIGN_OR_RETURN(
      workload->scorer_,
      Scorer::Create(workload->supernet_.get(), workload->data_.get(), ScoreOptionsOf(options)));
  Random random(options.seed);
  workload->subnet_ = arch::SampleSubnet(space, random);
  workload->subnet_.genes[space.layout().resolution] = index;
  return workload;
}

}  // namespace niwaki::supernet
