// How a network hears keywords in a long recording: hits, misses, and false alarms per hour.

#ifndef NIWAKI_SERVICES_TRAINER_SCORE_STREAM_H_
#define NIWAKI_SERVICES_TRAINER_SCORE_STREAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/base/json.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki::trainer {

// A word of a recording, and where its middle is.
struct StreamLabel {
  double seconds = 0;
  std::string word;
};

// A keyword that was heard, and by when.
struct StreamEvent {
  double seconds = 0;
  std::string word;
  // Averaged, 0 to 1.
  double posterior = 0;
  // Whether a label says so.
  bool hit = false;
};

// By keyword, in the order of the classes.
struct WordScore {
  std::string word;
  int64_t labels = 0;
  int64_t hits = 0;
  int64_t false_alarms = 0;
};

struct StreamScore {
  double seconds = 0;
  // Sums.
  int64_t labels = 0;
  int64_t hits = 0;
  int64_t false_alarms = 0;
  std::vector<WordScore> words;
  std::vector<StreamEvent> events;

  int64_t misses() const { return labels - hits; }
  double false_alarms_per_hour() const { return seconds > 0 ? 3600 * false_alarms / seconds : 0; }
};

// A keyword counts as heard where an event of the same word comes from `kEarliestSeconds` before
// the middle of the word to `kLatestSeconds` after it, and no other event has it.
inline constexpr double kEarliestSeconds = 0.3;
inline constexpr double kLatestSeconds = 1.5;

// Lines `SECONDS WORD`, in any order; empty ones and those that begin with # say nothing. A word
// may hold blanks. InvalidArgument with FILE_MALFORMED names the line; `what` names the file.
absl::StatusOr<std::vector<StreamLabel>> ParseStreamLabels(absl::string_view text,
                                                           absl::string_view what);

// Listens to `samples`, of the sensor's rate, by the code that an exported folder holds, and
// compares with `labels`. Labels of classes that are no keywords count for nothing. InvalidArgument
// for a word that is no class and for a label behind the end; the errors of KeywordListener.
absl::StatusOr<StreamScore> ScoreStream(const engine::QuantisedNetwork& network,
                                        const engine::Sensor& sensor,
                                        absl::Span<const int16_t> samples,
                                        const std::vector<StreamLabel>& labels);

std::string StreamScoreText(const StreamScore& score);
Json StreamScoreJson(const StreamScore& score);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_SCORE_STREAM_H_
