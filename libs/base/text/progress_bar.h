// How far something is: a bar on a terminal, lines in a pipe, nothing for programs.

#ifndef NIWAKI_LIBS_BASE_TEXT_PROGRESS_BAR_H_
#define NIWAKI_LIBS_BASE_TEXT_PROGRESS_BAR_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace niwaki {

enum class ProgressStyle {
  // One line that is drawn over itself: "search [#####-----]  50%  100/200  12.5/s  ETA 8s  note".
  kBar,
  // A line every few seconds: "search 100/200 (50%) 12.5/s ETA 8s note".
  kLines,
  kNone,
};

struct ProgressOptions {
  ProgressStyle style = ProgressStyle::kNone;
  // Borrowed; outlives the bar.
  std::ostream* out = nullptr;
  Clock* clock = &Clock::Real();
  // Shown before the bar.
  std::string label;
  // Of the terminal; a bar never takes more.
  int columns = 80;
  // The terminal, to ask for its columns at every drawing: people resize windows. -1 for `columns`.
  int terminal_fd = -1;
  // Counts are bytes: "1.2 MB/4.0 MB  3.1 MB/s".
  bool bytes = false;
  // Least time between two drawings of a bar, or two lines.
  absl::Duration bar_interval = absl::Milliseconds(100);
  absl::Duration line_interval = absl::Seconds(5);
};

// The rate is that of the last 20 seconds; the ETA follows from it unless the caller knows better.
// Not thread-safe.
class ProgressBar {
 public:
  explicit ProgressBar(ProgressOptions options);

  // `done` never falls; `total` ≤ 0 means unknown. `note` is free text behind the figures. Draws
  // when the interval has passed, at the first call and when `done` reaches `total`.
  void Update(int64_t done, int64_t total, absl::string_view note = "");

  // Expected time to the end as someone else knows it; used instead of the own estimate from the
  // next Update on. nullopt goes back to the own.
  void SetRemaining(std::optional<absl::Duration> remaining) { remaining_ = remaining; }

  // Draws the last state and ends the line. Idempotent.
  void Finish();

  // Makes room: takes the bar off its line so that other text can be written.
  void Clear();

  // Done per second over the last 20 seconds, 0 while unknown.
  double Rate() const;

 private:
  struct Sample {
    absl::Time time;
    int64_t done;
  };

  void Remember(absl::Time now);
  void Draw(bool final_state);
  std::string Figures() const;
  int Columns() const;
  std::string BarLine() const;
  std::string PlainLine() const;
  std::optional<absl::Duration> Remaining() const;

  const ProgressOptions options_;
  std::deque<Sample> samples_;
  std::optional<absl::Duration> remaining_;
  int64_t done_ = 0;
  int64_t total_ = 0;
  std::string note_;
  absl::Time last_draw_ = absl::InfinitePast();
  // What the last drawing showed, so that Finish does not repeat a line.
  std::string last_line_;
  bool finished_ = false;
};

// "8s", "2m05s", "1h02m".
std::string FormatSeconds(absl::Duration duration);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_PROGRESS_BAR_H_
