#include "libs/data/audio/voice_check.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

struct Heard {
  Utterance utterance;
  Split split;
  std::vector<float> samples;
};

Heard Ask(const std::string& word, const std::string& accent, const std::string& variant,
          Split split) {
  Heard heard;
  heard.utterance.text = word;
  heard.utterance.accent = accent;
  heard.utterance.variant = variant;
  heard.split = split;
  return heard;
}

}  // namespace

absl::Status CheckVoices(const Espeak& espeak, const Speakers& speakers,
                         const std::vector<std::string>& accents, const std::string& word,
                         const ParallelOptions& parallel) {
  std::vector<Heard> heard;
  // Two variants in each accent, then all variants in the first accent.
  for (const std::string& accent : accents) {
    for (Split split : {Split::kTrain, Split::kTest}) {
      heard.push_back(Ask(word, accent, speakers.variants(split).front(), split));
    }
  }
  for (Split split : kAllSplits) {
    for (const std::string& variant : speakers.variants(split)) {
      heard.push_back(Ask(word, accents.front(), variant, split));
    }
  }
  ParallelOptions quiet = parallel;
  quiet.progress = nullptr;
  NIWAKI_RETURN_IF_ERROR(ParallelFor(heard.size(), quiet, [&](int64_t i) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(WavClip clip, espeak.Speak(heard[i].utterance));
    heard[i].samples = std::move(clip.samples);
    return absl::OkStatus();
  }));
  for (size_t a = 0; a < accents.size(); ++a) {
    if (heard[2 * a].samples != heard[2 * a + 1].samples) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(absl::StrCat("accents[", a, "]"))
        .Value(accents[a])
        .Limit("voices that take variants")
        .Message(absl::StrCat("accents[", a, "] '", accents[a],
                              "' sounds the same with every variant of espeak-ng"));
  }
  std::map<std::vector<float>, const Heard*> first;
  for (size_t i = 2 * accents.size(); i < heard.size(); ++i) {
    const Heard& before = *first.emplace(heard[i].samples, &heard[i]).first->second;
    if (before.split == heard[i].split) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
        .Field("espeak-ng variants")
        .Value(heard[i].utterance.variant)
        .Limit(before.utterance.variant)
        .Message(absl::StrCat("the variants ", before.utterance.variant, " and ",
                              heard[i].utterance.variant,
                              " of this espeak-ng are the same voice in two splits"));
  }
  return absl::OkStatus();
}

}  // namespace niwaki::data
