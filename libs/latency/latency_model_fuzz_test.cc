#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/latency/latency_model.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() { return {latency::ModelsToJson(latency::DefaultModels()), "[]"}; }

bool Run(absl::string_view input) {
  const auto models = latency::ModelsFromJson(input);
  if (!models.ok()) return false;
  for (const latency::LatencyModel& model : *models) NIWAKI_CHECK(latency::Validate(model).ok());
  const auto again = latency::ModelsFromJson(latency::ModelsToJson(*models));
  NIWAKI_CHECK(again.ok() && again->size() == models->size());
  return true;
}

}  // namespace niwaki::fuzz
