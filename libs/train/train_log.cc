#include "libs/train/train_log.h"

#include <cerrno>
#include <cmath>

#include "libs/base/error.h"
#include "libs/base/json.h"

namespace niwaki::train {
namespace {

Json ScoreJson(const supernet::Score& score) {
  Json json = Json::object();
  json["top1"] = score.top1;
  json["top5"] = score.top5;
  json["loss"] = score.loss;
  json["images"] = score.images;
  return json;
}

Json EndsJson(const EndScores& scores) {
  Json json = Json::object();
  json["largest"] = ScoreJson(scores.largest);
  json["smallest"] = ScoreJson(scores.smallest);
  return json;
}

Json PlaceJson(const char* event, const TrainProgress& progress) {
  Json json = Json::object();
  json["event"] = event;
  json["phase"] = progress.phase;
  json["step"] = progress.step;
  json["total_steps"] = progress.total_steps;
  json["elapsed_seconds"] = progress.elapsed_seconds;
  return json;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainLog>> TrainLog::Open(const std::string& path, bool append) {
  std::FILE* file = std::fopen(path.c_str(), append ? "ae" : "we");
  if (file == nullptr) return ErrnoToStatus(errno, path);
  return std::unique_ptr<TrainLog>(new TrainLog(file, path));
}

void TrainLog::Write(const std::string& line) {
  std::fputs(line.c_str(), file_.get());
  std::fputc('\n', file_.get());
  if (std::fflush(file_.get()) != 0 && status_.ok()) status_ = ErrnoToStatus(errno, path_);
}

void TrainLog::Start(const std::string& manifest_json, int64_t step) {
  Json json = Json::object();
  json["event"] = "start";
  json["step"] = step;
  json["manifest"] = Json::parse(manifest_json);
  Write(json.dump());
}

void TrainLog::Step(const TrainProgress& progress) {
  Json json = PlaceJson("step", progress);
  json["learning_rate"] = progress.learning_rate;
  json["loss"] = progress.loss;
  json["descended_loss"] = progress.descended_loss;
  json["accuracy"] = progress.accuracy;
  json["images_per_second"] = progress.images_per_second;
  json["eta_seconds"] = progress.eta_seconds;
  Write(json.dump());
}

void TrainLog::Evaluation(const TrainProgress& progress) {
  Json json = PlaceJson("evaluation", progress);
  json["validation"] = EndsJson(*progress.evaluated);
  Write(json.dump());
}

void TrainLog::PhaseEnd(const TrainProgress& progress) {
  Json json = PlaceJson("phase_end", progress);
  double sum = 0;
  for (const CornerScore& corner : progress.corners) {
    json["validation"][corner.name] = ScoreJson(corner.score);
    sum += corner.score.top1;
  }
  json["mean_top1"] = sum / static_cast<double>(progress.corners.size());
  Write(json.dump());
}

void TrainLog::End(const TrainSummary& summary) {
  Json json = Json::object();
  json["event"] = "end";
  json["step"] = summary.steps;
  json["epochs"] = summary.epochs;
  json["elapsed_seconds"] = summary.elapsed_seconds;
  json["images_per_second"] = summary.images_per_second;
  json["output"] = summary.output;
  json["digest"] = summary.digest;
  json["validation"] = EndsJson(summary.validation);
  json["test"] = EndsJson(summary.test);
  Write(json.dump());
}

}  // namespace niwaki::train
