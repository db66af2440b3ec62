#include "services/trainer/progress_line.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace niwaki::trainer {
namespace {

constexpr int kBarWidth = 20;
constexpr absl::Duration kTerminalInterval = absl::Milliseconds(200);
constexpr absl::Duration kPipeInterval = absl::Seconds(10);

std::string FormatMinutes(double seconds) {
  const int64_t whole = std::llround(seconds);
  return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
}

std::string PhaseText(const train::TrainProgress& progress) {
  if (progress.phases < 2) return "";
  return absl::StrFormat("phase %d/%d %s  ", progress.phase_index + 1, progress.phases,
                         progress.phase);
}

}  // namespace

std::string FormatProgress(const train::TrainProgress& progress) {
  const int filled = static_cast<int>(progress.progress * kBarWidth);
  return absl::StrFormat(
      "[%s%s] %3.0f%%  %sstep %d/%d  loss %.3f  train acc %.1f%%  %.0f img/s  ETA %s",
      std::string(filled, '#'), std::string(kBarWidth - filled, '.'), 100 * progress.progress,
      PhaseText(progress), progress.step, progress.total_steps, progress.loss,
      100 * progress.accuracy, progress.images_per_second, FormatMinutes(progress.eta_seconds));
}

std::string FormatEvaluation(const train::TrainProgress& progress) {
  return absl::StrFormat("validation after %.0f%%: largest %.1f%%, smallest %.1f%%",
                         100 * progress.progress, 100 * progress.evaluated->largest.top1,
                         100 * progress.evaluated->smallest.top1);
}

std::string FormatPhaseEnd(const train::TrainProgress& progress) {
  double sum = 0;
  std::string each;
  for (const train::CornerScore& corner : progress.corners) {
    sum += corner.score.top1;
    absl::StrAppendFormat(&each, "%s%s %.1f%%", each.empty() ? "" : ", ", corner.name,
                          100 * corner.score.top1);
  }
  return absl::StrFormat("phase %s done: mean top-1 %.1f%% of %d subnets (%s)", progress.phase,
                         100 * sum / static_cast<double>(progress.corners.size()),
                         progress.corners.size(), each);
}

void ProgressLine::Show(const train::TrainProgress& progress) {
  if (progress.evaluated) {
    Finish();
    std::fputs(absl::StrCat(FormatEvaluation(progress), "\n").c_str(), out_);
  }
  if (!progress.corners.empty()) {
    Finish();
    std::fputs(absl::StrCat(FormatPhaseEnd(progress), "\n").c_str(), out_);
  }
  const absl::Time now = clock_.Now();
  if (now < next_ && progress.progress < 1) return;
  next_ = now + (terminal_ ? kTerminalInterval : kPipeInterval);
  // Erase to the end of the line: the one before may have been longer.
  const char* end = terminal_ ? "\x1b[K\r" : "\n";
  std::fputs(absl::StrCat(FormatProgress(progress), end).c_str(), out_);
  std::fflush(out_);
  open_ = terminal_;
}

void ProgressLine::Finish() {
  if (open_) std::fputc('\n', out_);
  open_ = false;
}

}  // namespace niwaki::trainer
