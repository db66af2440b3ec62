#include "libs/train/training_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"

namespace niwaki::train {
namespace {

absl::Status Corrupt(absl::string_view key) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(absl::StrCat("training.", key))
      .Message(absl::StrCat("training state: ", key, " is missing or of the wrong type"));
}

}  // namespace

double TrainingState::progress() const {
  const double done = total_steps > 0 ? static_cast<double>(step) / total_steps
                                      : elapsed_seconds / std::max(budget_seconds, 1e-9);
  return std::min(done, 1.0);
}

std::string TrainingState::ToJson() const {
  Json json = Json::object();
  json["seed"] = seed;
  json["step"] = step;
  json["total_steps"] = total_steps;
  json["budget_seconds"] = budget_seconds;
  json["elapsed_seconds"] = elapsed_seconds;
  json["channels_sorted"] = channels_sorted;
  return json.dump();
}

absl::StatusOr<TrainingState> TrainingState::FromJson(absl::string_view text) {
  const auto json = ParseJson(text, "training state");
  if (!json.ok() || !json->is_object()) return Corrupt("text");
  for (const char* key : {"seed", "step", "total_steps"}) {
    const auto it = json->find(key);
    if (it == json->end() || !it->is_number_unsigned()) return Corrupt(key);
  }
  for (const char* key : {"budget_seconds", "elapsed_seconds"}) {
    const auto it = json->find(key);
    if (it == json->end() || !it->is_number()) return Corrupt(key);
  }
  const auto sorted = json->find("channels_sorted");
  if (sorted == json->end() || !sorted->is_boolean()) return Corrupt("channels_sorted");
  TrainingState state;
  state.seed = json->find("seed")->get<uint64_t>();
  state.step = json->find("step")->get<int64_t>();
  state.total_steps = json->find("total_steps")->get<int64_t>();
  state.budget_seconds = json->find("budget_seconds")->get<double>();
  state.elapsed_seconds = json->find("elapsed_seconds")->get<double>();
  state.channels_sorted = sorted->get<bool>();
  return state;
}

}  // namespace niwaki::train
