// The training's log: one JSON object a line, for programs and plots.

#ifndef NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_
#define NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/train/end_scores.h"
#include "libs/train/train_progress.h"

namespace niwaki::train {

// Lines have "event": "start", "step", "evaluation", "phase_end", "end". Not thread-safe.
class TrainLog {
 public:
  // Appends to `path` when `append`, else begins anew. The error of opening.
  static absl::StatusOr<std::unique_ptr<TrainLog>> Open(const std::string& path, bool append);

  void Start(const std::string& manifest_json, int64_t step);
  void Step(const TrainProgress& progress);
  void Evaluation(const TrainProgress& progress);
  void PhaseEnd(const TrainProgress& progress);
  void End(const TrainSummary& summary);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit TrainLog(std::FILE* file) : file_(file) {}
  void Write(const std::string& line);

  std::unique_ptr<std::FILE, Closer> file_;
};

// {"largest": {"top1": …, "top5": …, "loss": …, "images": …}, "smallest": {…}}.
std::string EndScoresJson(const EndScores& scores);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_
