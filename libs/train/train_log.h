// The training's log: one JSON object a line, for programs and plots.

#ifndef NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_
#define NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

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

  // The first error of a line since Open: a log is not worth the end of a training.
  const absl::Status& status() const { return status_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  TrainLog(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
  void Write(const std::string& line);

  std::unique_ptr<std::FILE, Closer> file_;
  const std::string path_;
  absl::Status status_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAIN_LOG_H_
