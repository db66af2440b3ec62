#include "libs/supernet/scoring_benchmark.h"

#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/scorer.h"
#include "libs/supernet/supernet.h"

namespace niwaki::supernet {
namespace {

absl::StatusOr<std::unique_ptr<data::PreparedData>> SyntheticDataFor(
    const arch::SearchSpace& space, const ScoringBenchmarkOptions& options) {
  data::SyntheticOptions synthetic;
  synthetic.classes = space.num_classes();
  synthetic.channels = space.input_channels();
  synthetic.height = space.resolutions().back().height;
  synthetic.width = space.resolutions().back().width;
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

}  // namespace

absl::StatusOr<ScoringFigures> MeasureScoring(absl::string_view space_name,
                                              const ScoringBenchmarkOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(space_name));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, SyntheticDataFor(space, options));
  const auto supernet = Supernet::Random(space, options.seed);
  ScoreOptions score_options;
  score_options.calibration_images = options.calibration_images;
  score_options.evaluation_images = options.evaluation_images;
  score_options.threads = options.threads;
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer,
                          Scorer::Create(supernet.get(), data.get(), score_options));
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

}  // namespace niwaki::supernet
