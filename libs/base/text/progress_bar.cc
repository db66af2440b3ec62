#include "libs/base/text/progress_bar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/process/terminal.h"
#include "libs/base/text/units.h"

namespace niwaki {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(20);

// Cuts UTF-8 text to `width` code points.
std::string CutToWidth(absl::string_view text, size_t width) {
  size_t points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) == 0x80) continue;
    if (points++ == width) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

}  // namespace

std::string FormatSeconds(absl::Duration duration) {
  const int64_t seconds =
      std::clamp<int64_t>(absl::ToInt64Seconds(duration + absl::Milliseconds(500)), 0, 359999999);
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 3600) return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%dh%02dm", seconds / 3600, seconds / 60 % 60);
}

ProgressBar::ProgressBar(ProgressOptions options) : options_(std::move(options)) {}

void ProgressBar::Update(int64_t done, int64_t total, absl::string_view note) {
  if (options_.style == ProgressStyle::kNone || finished_) return;
  const absl::Time now = options_.clock->Now();
  const bool reached_end = total > 0 && done >= total && done_ < total;
  done_ = done;
  total_ = total;
  note_ = std::string(note);
  Remember(now);
  const absl::Duration interval =
      options_.style == ProgressStyle::kBar ? options_.bar_interval : options_.line_interval;
  if (!reached_end && now - last_draw_ < interval) return;
  last_draw_ = now;
  Draw(/*final_state=*/false);
}

void ProgressBar::Remember(absl::Time now) {
  samples_.push_back({now, done_});
  // The oldest sample stays the last one outside the window, so that slow progress has a rate too.
  while (samples_.size() > 2 && now - samples_[1].time >= kRateWindow) samples_.pop_front();
  // Frequent updates do not grow the memory: within a tenth of the window one sample is enough.
  if (samples_.size() > 2 && now - samples_[samples_.size() - 3].time < kRateWindow / 10 &&
      samples_.size() > 3) {
    samples_.erase(samples_.end() - 2);
  }
}

double ProgressBar::Rate() const {
  if (samples_.size() < 2) return 0;
  const double seconds = absl::ToDoubleSeconds(samples_.back().time - samples_.front().time);
  return seconds > 0 ? (samples_.back().done - samples_.front().done) / seconds : 0;
}

std::optional<absl::Duration> ProgressBar::Remaining() const {
  if (total_ <= 0 || done_ >= total_) return std::nullopt;
  if (remaining_.has_value()) return remaining_;
  const double rate = Rate();
  if (!(rate > 0)) return std::nullopt;
  return absl::Seconds((total_ - done_) / rate);
}

std::string ProgressBar::Figures() const {
  const auto format = [this](int64_t value) {
    return options_.bytes ? FormatBytes(value) : absl::StrCat(value);
  };
  std::string text = format(done_);
  if (total_ > 0) absl::StrAppend(&text, "/", format(total_));
  if (const double rate = Rate(); rate > 0) {
    absl::StrAppend(&text, "  ",
                    options_.bytes ? FormatBytes(static_cast<int64_t>(rate))
                                   : absl::StrFormat("%.*f", rate < 10 ? 2 : 1, rate),
                    "/s");
  }
  if (const auto remaining = Remaining(); remaining.has_value()) {
    absl::StrAppend(&text, "  ETA ", FormatSeconds(*remaining));
  }
  if (!note_.empty()) absl::StrAppend(&text, "  ", note_);
  return text;
}

int ProgressBar::Columns() const {
  constexpr int kLeast = 2;
  // The kind does not matter: bars were chosen before.
  const int columns = options_.terminal_fd < 0
                          ? options_.columns
                          : DescribeTerminal(options_.terminal_fd, /*kind=*/nullptr).columns;
  return std::max(columns, kLeast);
}

std::string ProgressBar::BarLine() const {
  const int columns = Columns();
  std::string tail = Figures();
  std::string line = options_.label;
  if (!line.empty()) line += ' ';
  if (total_ > 0) {
    const double share = std::clamp(static_cast<double>(done_) / total_, 0.0, 1.0);
    const int room = columns - 1 - static_cast<int>(line.size() + tail.size()) - 10;
    const int width = std::clamp(room, 10, 30);
    const int filled = static_cast<int>(share * width);
    absl::StrAppend(&line, "[", std::string(filled, '#'), std::string(width - filled, '-'), "] ",
                    absl::StrFormat("%3d%%  ", static_cast<int>(100 * share)));
  }
  return CutToWidth(line + tail, columns - 1);
}

std::string ProgressBar::PlainLine() const {
  std::string line = options_.label;
  if (!line.empty()) line += ' ';
  if (total_ > 0) {
    const double share = std::clamp(static_cast<double>(done_) / total_, 0.0, 1.0);
    absl::StrAppend(&line, static_cast<int>(100 * share), "%  ");
  }
  return line + Figures();
}

void ProgressBar::Draw(bool final_state) {
  if (options_.style == ProgressStyle::kBar) {
    // Return to the first column, write, erase to the end of the line.
    *options_.out << '\r' << BarLine() << "\x1b[K";
    if (final_state) *options_.out << '\n';
    options_.out->flush();
    return;
  }
  std::string line = PlainLine();
  if (line == last_line_) return;
  *options_.out << line << '\n';
  options_.out->flush();
  last_line_ = std::move(line);
}

void ProgressBar::Finish() {
  if (options_.style == ProgressStyle::kNone || finished_ || samples_.empty()) return;
  Draw(/*final_state=*/true);
  finished_ = true;
}

void ProgressBar::Clear() {
  if (options_.style != ProgressStyle::kBar || finished_ || samples_.empty()) return;
  *options_.out << "\r\x1b[K";
  options_.out->flush();
}

}  // namespace niwaki
