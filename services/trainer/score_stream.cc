#include "services/trainer/score_stream.h"

#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/sensor/keyword_listener.h"

namespace niwaki::trainer {
namespace {

// A year.
constexpr double kMaxSeconds = 366.0 * 24 * 3600;

absl::Status BadLabel(const absl::AlphaNum& value, const absl::AlphaNum& limit,
                      absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("labels")
      .Value(value)
      .Limit(limit)
      .Message(message);
}

absl::Status CheckLabels(const engine::Sensor& sensor, const std::vector<StreamLabel>& labels,
                         double seconds) {
  const std::vector<std::string>& names = sensor.class_names;
  for (const StreamLabel& label : labels) {
    if (std::find(names.begin(), names.end(), label.word) == names.end()) {
      return BadLabel(label.word, absl::StrJoin(names, ", "),
                      absl::StrCat("'", label.word, "' is no class of the network, which are ",
                                   absl::StrJoin(names, ", ")));
    }
    if (label.seconds > seconds) {
      return BadLabel(label.seconds, seconds,
                      absl::StrCat("'", label.word, "' at ", label.seconds,
                                   " s lies behind the end of the recording at ", seconds, " s"));
    }
  }
  return absl::OkStatus();
}

// Marks the events that labels say, and counts.
void Compare(const engine::Sensor& sensor, std::vector<StreamLabel> labels, StreamScore& score) {
  std::map<std::string, WordScore*> words;
  for (const std::string& name : sensor.class_names) {
    if (engine::IsKeyword(name)) score.words.push_back({name, 0, 0, 0});
  }
  for (WordScore& word : score.words) words[word.word] = &word;
  std::stable_sort(labels.begin(), labels.end(), [](const StreamLabel& a, const StreamLabel& b) {
    return a.seconds < b.seconds;
  });
  std::vector<bool> taken(labels.size(), false);
  for (StreamEvent& event : score.events) {
    for (size_t i = 0; i < labels.size() && !event.hit; ++i) {
      const double late = event.seconds - labels[i].seconds;
      if (taken[i] || labels[i].word != event.word) continue;
      if (late < -kEarliestSeconds || late > kLatestSeconds) continue;
      taken[i] = true;
      event.hit = true;
    }
    ++(event.hit ? words[event.word]->hits : words[event.word]->false_alarms);
  }
  for (const StreamLabel& label : labels) {
    if (words.count(label.word) > 0) ++words[label.word]->labels;
  }
  for (const WordScore& word : score.words) {
    score.labels += word.labels;
    score.hits += word.hits;
    score.false_alarms += word.false_alarms;
  }
}

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

absl::StatusOr<std::vector<StreamLabel>> ParseStreamLabels(absl::string_view text,
                                                           absl::string_view what) {
  std::vector<StreamLabel> labels;
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const size_t gap = line.find_first_of(" \t");
    StreamLabel label;
    const bool good = gap != absl::string_view::npos &&
                      absl::SimpleAtod(line.substr(0, gap), &label.seconds) && label.seconds >= 0 &&
                      label.seconds <= kMaxSeconds;
    if (!good) {
      return BadLabel(line.substr(0, 80), "SECONDS WORD",
                      absl::StrCat(what, " line ", number, ": '", line.substr(0, 80),
                                   "' where SECONDS WORD was expected"));
    }
    label.word = std::string(absl::StripAsciiWhitespace(line.substr(gap)));
    labels.push_back(std::move(label));
  }
  return labels;
}

absl::StatusOr<StreamScore> ScoreStream(const engine::QuantisedNetwork& network,
                                        const engine::Sensor& sensor,
                                        absl::Span<const int16_t> samples,
                                        const std::vector<StreamLabel>& labels) {
  if (sensor.audio() == nullptr) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--stream")
        .Message("the network sees pictures and hears no recording");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<engine::KeywordListener> listener,
                          engine::KeywordListener::Create(&network, sensor));
  const double rate = sensor.audio()->shape.sample_rate_hz;
  StreamScore score;
  score.seconds = static_cast<double>(samples.size()) / rate;
  NIWAKI_RETURN_IF_ERROR(CheckLabels(sensor, labels, score.seconds));
  NIWAKI_RETURN_IF_ERROR(listener->Feed(samples, [&](const engine::Heard& heard) {
    if (heard.keyword < 0) return;
    score.events.push_back({static_cast<double>(heard.samples) / rate,
                            sensor.class_names[heard.keyword],
                            heard.posteriors[heard.keyword] / 255.0, false});
  }));
  Compare(sensor, labels, score);
  return score;
}

std::string StreamScoreText(const StreamScore& score) {
  std::string text = absl::StrFormat(
      "recording     %.1f min, %d keywords\nhits          %d of %d (%.1f %%)\n"
      "misses        %d\nfalse alarms  %d, %.1f an hour\n\n%-16s%8s%8s%8s%14s\n",
      score.seconds / 60, score.labels, score.hits, score.labels,
      100 * Share(score.hits, score.labels), score.misses(), score.false_alarms,
      score.false_alarms_per_hour(), "WORD", "SPOKEN", "HITS", "MISSES", "FALSE ALARMS");
  for (const WordScore& word : score.words) {
    absl::StrAppendFormat(&text, "%-16s%8d%8d%8d%14d\n", word.word, word.labels, word.hits,
                          word.labels - word.hits, word.false_alarms);
  }
  return text;
}

Json StreamScoreJson(const StreamScore& score) {
  Json json;
  json["seconds"] = score.seconds;
  json["labels"] = score.labels;
  json["hits"] = score.hits;
  json["misses"] = score.misses();
  json["hit_rate"] = Share(score.hits, score.labels);
  json["false_alarms"] = score.false_alarms;
  json["false_alarms_per_hour"] = score.false_alarms_per_hour();
  json["words"] = Json::array();
  for (const WordScore& word : score.words) {
    json["words"].push_back(Json{{"word", word.word},
                                 {"labels", word.labels},
                                 {"hits", word.hits},
                                 {"misses", word.labels - word.hits},
                                 {"false_alarms", word.false_alarms}});
  }
  json["events"] = Json::array();
  for (const StreamEvent& event : score.events) {
    json["events"].push_back(Json{{"seconds", event.seconds},
                                  {"word", event.word},
                                  {"posterior", event.posterior},
                                  {"hit", event.hit}});
  }
  return json;
}

}  // namespace niwaki::trainer
