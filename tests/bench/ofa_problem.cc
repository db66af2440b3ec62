#include "tests/bench/ofa_problem.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/latency_table.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/import_mlp.h"
#include "libs/predictor/mlp/mlp_predictor.h"

namespace niwaki::bench {
namespace {

constexpr char kSpace[] = "ofa_mbv3_w12";
constexpr int kResolutions[] = {160, 176, 192, 208, 224};
constexpr double kMacsPerMillion = 1e6;

absl::StatusOr<latency::SpaceTable> LoadLatencies(const std::string& folder,
                                                  const arch::SearchSpace& space) {
  std::vector<interchange::NamedText> files;
  for (const int resolution : kResolutions) {
    const std::string path = absl::StrCat(folder, "/lut_note10/", resolution, "_lookup_table.yaml");
    NIWAKI_ASSIGN_OR_RETURN(std::string text, ReadFile(path, interchange::kMaxOfaTableBytes));
    files.push_back({path, std::move(text)});
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<interchange::OfaEntry> entries,
                          interchange::ReadOfaTables(files));
  return interchange::SpaceTableOf(space, interchange::LatenciesOf(entries));
}

// The tutorial's table in millions: {"160": {"other_blocks": {…}, "blocks": [{"3-1": …}, …]}, …}.
// Block 0 is the fixed first one; keys are kernel_size-expand_ratio.
latency::SpaceTable MacsFromJson(const Json& json, const arch::SearchSpace& space) {
  const auto at = [&](int resolution) -> const Json& {
    return json.at(absl::StrCat(space.resolutions()[resolution].value));
  };
  const arch::Stage& stage = space.stages().back();
  return latency::SpaceTable::Of(
      space,
      [&](int resolution) {
        double millions = at(resolution).at("blocks").at(0).at("3-1");
        for (const Json& value : at(resolution).at("other_blocks")) {
          millions += value.get<double>();
        }
        return millions * kMacsPerMillion;
      },
      [&](int resolution, int block, int kernel_size, int expand_ratio) {
        const std::string key =
            absl::StrCat(stage.kernel_sizes[kernel_size], "-", stage.expand_ratios[expand_ratio]);
        return at(resolution).at("blocks").at(block + 1).at(key).get<double>() * kMacsPerMillion;
      });
}

absl::StatusOr<latency::SpaceTable> LoadReferenceMacs(const std::string& folder,
                                                      const arch::SearchSpace& space) {
  const std::string path = absl::StrCat(folder, "/reference_macs_table.json");
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, interchange::kMaxOfaTableBytes));
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  try {
    return MacsFromJson(json, space);
  } catch (const Json::exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(path)
        .Message(absl::StrCat(path, ": ", error.what()));
  }
}

absl::StatusOr<std::unique_ptr<predictor::MlpPredictor>> LoadPublishedPredictor(
    const std::string& folder, const arch::SearchSpace& space) {
  NIWAKI_ASSIGN_OR_RETURN(predictor::Encoder encoder,
                          predictor::Encoder::Create(predictor::Encoding::kOfaTutorial, space));
  NIWAKI_ASSIGN_OR_RETURN(predictor::ImportedMlp imported,
                          predictor::ImportMlp(absl::StrCat(
                              folder, "/predictors/ofa_tutorial_acc_predictor.index.json")));
  return predictor::MlpPredictor::Create(std::move(encoder), std::move(imported.mlp),
                                         imported.offset);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const OfaProblem>> LoadOfaProblem(const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace all, arch::CatalogueSpace(kSpace));
  NIWAKI_ASSIGN_OR_RETURN(
      arch::SearchSpace space,
      arch::WithResolutions(all, {std::begin(kResolutions), std::end(kResolutions)}));
  NIWAKI_ASSIGN_OR_RETURN(auto predictor, LoadPublishedPredictor(folder, space));
  NIWAKI_ASSIGN_OR_RETURN(latency::SpaceTable latency_us, LoadLatencies(folder, space));
  NIWAKI_ASSIGN_OR_RETURN(latency::SpaceTable reference_macs, LoadReferenceMacs(folder, space));
  NIWAKI_ASSIGN_OR_RETURN(latency::SpaceTable true_macs, latency::SpaceTable::OfMacs(space));
  return std::make_unique<const OfaProblem>(
      OfaProblem{std::move(space), std::move(predictor), std::move(latency_us),
                 std::move(reference_macs), std::move(true_macs)});
}

}  // namespace niwaki::bench
