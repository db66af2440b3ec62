#include "libs/train/checkpoint/training_state.h"

#include <algorithm>
#include <limits>

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

// Whether `json` is a whole number that an Integer holds.
template <typename Integer>
bool IsWhole(const Json& json) {
  using Limits = std::numeric_limits<Integer>;
  if (json.is_number_unsigned())
    return json.get<uint64_t>() <= static_cast<uint64_t>(Limits::max());
  return json.is_number_integer() && json.get<int64_t>() >= Limits::min();
}

// Trainings of two parts used to say whether the second had begun.
absl::Status ReadPhase(const Json& json, TrainingState& state) {
  const auto sorted = json.find("channels_sorted");
  if (sorted != json.end()) {
    if (!sorted->is_boolean()) return Corrupt("channels_sorted");
    state.phase = sorted->get<bool>() ? 1 : 0;
    return absl::OkStatus();
  }
  const auto phase = json.find("phase");
  if (phase == json.end() || !IsWhole<int>(*phase)) return Corrupt("phase");
  const auto teacher = json.find("has_teacher");
  if (teacher == json.end() || !teacher->is_boolean()) return Corrupt("has_teacher");
  const auto precision = json.find("precision");
  if (precision == json.end() || !precision->is_string()) return Corrupt("precision");
  const auto scale = json.find("loss_scale");
  if (scale == json.end() || !scale->is_number()) return Corrupt("loss_scale");
  const auto good = json.find("good_steps");
  if (good == json.end() || !IsWhole<int>(*good)) return Corrupt("good_steps");
  state.phase = phase->get<int>();
  state.has_teacher = teacher->get<bool>();
  state.precision = precision->get<std::string>();
  state.loss_scale = scale->get<double>();
  state.good_steps = good->get<int>();
  return absl::OkStatus();
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
  json["phase"] = phase;
  json["has_teacher"] = has_teacher;
  json["precision"] = precision;
  json["loss_scale"] = loss_scale;
  json["good_steps"] = good_steps;
  return json.dump();
}

absl::StatusOr<TrainingState> TrainingState::FromJson(absl::string_view text) {
  const auto json = ParseJson(text, "training state");
  if (!json.ok() || !json->is_object()) return Corrupt("text");
  const auto seed = json->find("seed");
  if (seed == json->end() || !seed->is_number_unsigned()) return Corrupt("seed");
  for (const char* key : {"step", "total_steps"}) {
    const auto it = json->find(key);
    if (it == json->end() || !it->is_number_unsigned() || !IsWhole<int64_t>(*it)) {
      return Corrupt(key);
    }
  }
  for (const char* key : {"budget_seconds", "elapsed_seconds"}) {
    const auto it = json->find(key);
    if (it == json->end() || !it->is_number()) return Corrupt(key);
  }
  TrainingState state;
  state.seed = seed->get<uint64_t>();
  state.step = json->find("step")->get<int64_t>();
  state.total_steps = json->find("total_steps")->get<int64_t>();
  state.budget_seconds = json->find("budget_seconds")->get<double>();
  state.elapsed_seconds = json->find("elapsed_seconds")->get<double>();
  const absl::Status read = ReadPhase(*json, state);
  if (!read.ok()) return read;
  return state;
}

}  // namespace niwaki::train
