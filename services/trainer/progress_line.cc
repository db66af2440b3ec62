#include "services/trainer/progress_line.h"

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace niwaki::trainer {
namespace {

ProgressOptions Options(std::ostream& out, const Terminal& terminal, int fd, Clock* clock) {
  ProgressOptions options;
  options.style = terminal.draws ? ProgressStyle::kBar : ProgressStyle::kLines;
  options.out = &out;
  options.clock = clock;
  options.label = "train";
  options.columns = terminal.columns;
  options.terminal_fd = fd;
  options.line_interval = absl::Seconds(10);
  return options;
}

std::string PhaseText(const train::TrainProgress& progress) {
  if (progress.phases < 2) return "";
  return absl::StrFormat("phase %d/%d %s  ", progress.phase_index + 1, progress.phases,
                         progress.phase);
}

}  // namespace

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

ProgressLine::ProgressLine(std::ostream& out, const Terminal& terminal, int fd, Clock* clock)
    : out_(out), bar_(Options(out, terminal, fd, clock)) {}

void ProgressLine::Show(const train::TrainProgress& progress) {
  if (progress.evaluated) {
    bar_.Clear();
    out_ << FormatEvaluation(progress) << std::endl;
  }
  if (!progress.corners.empty()) {
    bar_.Clear();
    out_ << FormatPhaseEnd(progress) << std::endl;
  }
  if (progress.eta_seconds > 0) bar_.SetRemaining(absl::Seconds(progress.eta_seconds));
  bar_.Update(progress.step, progress.total_steps,
              absl::StrFormat("%sloss %.3f  train acc %.1f%%  %.0f img/s", PhaseText(progress),
                              progress.loss, 100 * progress.accuracy, progress.images_per_second));
}

}  // namespace niwaki::trainer
