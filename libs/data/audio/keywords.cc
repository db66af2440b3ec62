#include "libs/data/audio/keywords.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/acoustics.h"
#include "libs/data/audio/espeak.h"
#include "libs/data/audio/flite.h"
#include "libs/data/audio/quantise.h"
#include "libs/data/audio/resample.h"
#include "libs/data/audio/speakers.h"
#include "libs/data/audio/voice_check.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::data {
namespace {

constexpr char kSilence[] = "silence";
constexpr char kUnknown[] = "unknown";
constexpr size_t kMaxWordBytes = 64;
constexpr int kMaxWords = 200;
constexpr int kBabbleVoices = 12;
constexpr double kTrimDb = 40;
// Group number of flite's first voice, above those of espeak-ng's speakers.
constexpr uint32_t kFirstFliteSpeaker = 1u << 30;

// Streams of DeriveSeed, one for each thing that is drawn.
constexpr uint64_t kSpeakerStream = 1;
constexpr uint64_t kPlanStream = 2;
constexpr uint64_t kOrderStream = 16;
constexpr uint64_t kBabbleStream = 32;
constexpr uint64_t kTakeStream = 64;

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' not in ", limit));
}

// OK for none, the error itself for one, else one error of which every one is an item.
absl::Status Together(absl::string_view field, const std::vector<absl::Status>& errors) {
  if (errors.empty()) return absl::OkStatus();
  if (errors.size() == 1) return errors[0];
  std::vector<ErrorItem> items;
  for (const absl::Status& error : errors) {
    const std::optional<ErrorDetail> detail = GetErrorDetail(error);
    items.push_back(
        {detail.has_value() ? detail->field : std::string(field), std::string(error.message())});
  }
  absl::Status status =
      Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field(field)
          .Value(errors.size())
          .Message(absl::StrCat(errors.size(), " entries of ", field,
                                " cannot be used, the first: ", errors[0].message()));
  SetErrorItems(status, items);
  return status;
}

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

absl::Status CheckWordList(const std::vector<std::string>& words, absl::string_view field) {
  NIWAKI_RETURN_IF_ERROR(CheckRange(absl::StrCat(field, ".size"), words.size(), 1, kMaxWords));
  std::set<std::string> seen;
  std::vector<absl::Status> errors;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string item = absl::StrCat(field, "[", i, "]");
    absl::Status status = CheckWord(words[i], item);
    if (!seen.insert(absl::AsciiStrToLower(words[i])).second) {
      status = Invalid(item, words[i], "words used once");
    }
    if (!status.ok()) errors.push_back(std::move(status));
  }
  return Together(field, errors);
}

absl::Status CheckAccents(const std::vector<std::string>& accents) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("accents.size", accents.size(), 1, 64));
  for (size_t i = 0; i < accents.size(); ++i) {
    const std::string& accent = accents[i];
    const bool good = !accent.empty() && accent.size() <= 32 && accent[0] != '-' &&
                      std::all_of(accent.begin(), accent.end(),
                                  [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
    if (!good) return Invalid(absl::StrCat("accents[", i, "]"), accent, "voices of espeak-ng");
  }
  return absl::OkStatus();
}

// One utterance (or one silence) and the places of its takes in the data.
struct Item {
  Split split = Split::kTrain;
  uint16_t label = 0;
  bool silent = false;
  uint32_t speaker = kNoSpeaker;
  Utterance utterance;
  // Instead of `utterance` where it is set.
  std::optional<FliteUtterance> flite;
  // Positions of the examples in the split.
  std::vector<int64_t> slots;
  uint64_t seed = 0;
};

// Rounded parts of `n`, each at least 1; train takes the rest.
std::array<int64_t, kSplitCount> Divide(int64_t n, const std::array<double, kSplitCount>& shares) {
  double total = 0;
  for (double share : shares) total += share;
  std::array<int64_t, kSplitCount> counts;
  counts[0] = n;
  for (int s = 1; s < kSplitCount; ++s) {
    counts[s] = std::max<int64_t>(1, std::lround(n * shares[s] / total));
    counts[0] -= counts[s];
  }
  for (; counts[0] < 1; ++counts[0]) --*std::max_element(counts.begin() + 1, counts.end());
  return counts;
}

// An order of `per_class` examples of each class in which every stretch of `classes` examples holds
// each class once, so that the first n are always balanced. result[class * per_class + k] is the
// position of the class's k-th example.
std::vector<int64_t> BalancedOrder(int64_t classes, int64_t per_class, Random& random) {
  std::vector<int64_t> position(classes * per_class);
  std::vector<std::vector<int64_t>> rounds(classes, std::vector<int64_t>(per_class));
  const auto shuffle = [&random](std::vector<int64_t>& v) {
    for (size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[random.Uniform(i)]);
  };
  for (std::vector<int64_t>& round : rounds) {
    for (int64_t k = 0; k < per_class; ++k) round[k] = k;
    shuffle(round);
  }
  std::vector<int64_t> places(classes);
  for (int64_t c = 0; c < classes; ++c) places[c] = c;
  for (int64_t k = 0; k < per_class; ++k) {
    shuffle(places);
    for (int64_t c = 0; c < classes; ++c) {
      position[c * per_class + rounds[c][k]] = k * classes + places[c];
    }
  }
  return position;
}

// How a speaker says a text this time.
Utterance Say(const std::string& text, const Speaker& speaker, Random& random) {
  // A mark after the word changes its melody.
  static constexpr const char* kMelodies[] = {"", "", ".", "!", "?", ","};
  static constexpr int kBandPitch[kPitchBands] = {15, 40, 65};
  Utterance utterance;
  utterance.text = text + kMelodies[random.Uniform(6)];
  utterance.accent = speaker.accent;
  utterance.variant = speaker.variant;
  utterance.pitch = kBandPitch[speaker.pitch_band] + static_cast<int>(random.Uniform(20));
  utterance.words_per_minute = 90 + static_cast<int>(random.Uniform(120));
  return utterance;
}

double Between(double low, double high, Random& random) {
  return low + (high - low) * random.UniformDouble();
}

class Generator {
 public:
  // `flite` is null where it has no share.
  Generator(const KeywordOptions& options, const ParallelOptions& parallel, const Espeak& espeak,
            const Flite* flite, const Speakers& speakers, std::vector<std::string> unknown)
      : options_(options),
        parallel_(parallel),
        espeak_(espeak),
        flite_(flite),
        speakers_(speakers),
        unknown_(std::move(unknown)),
        classes_(options.words.size() + 2),
        sizes_(Divide(options.clips_per_word, options.shares)) {}

  absl::Status Run() {
    const std::vector<Item> items = Plan();
    NIWAKI_RETURN_IF_ERROR(MakeStudios());
    const LogMelOptions& front_end = options_.front_end;
    example_bytes_ = int64_t{front_end.Frames()} * front_end.mel_bins;
    for (int s = 0; s < kSplitCount; ++s) {
      const int64_t n = sizes_[s] * classes_;
      columns_[s].examples.resize(n * example_bytes_);
      columns_[s].labels.resize(n);
      columns_[s].groups.resize(n);
    }
    silent_.assign(items.size(), 0);
    NIWAKI_RETURN_IF_ERROR(ParallelFor(items.size(), parallel_,
                                       [&](int64_t i) { return Make(items[i], silent_[i]); }));
    NIWAKI_RETURN_IF_ERROR(CheckSilent(items));
    return Write();
  }

 private:
  // Every utterance of the data set, in an order that does not depend on threads.
  std::vector<Item> Plan() const {
    Random random(DeriveSeed(options_.seed, kPlanStream));
    std::vector<Item> items;
    for (Split split : kAllSplits) {
      const int64_t per_class = sizes_[static_cast<int>(split)];
      Random order_random(DeriveSeed(options_.seed, kOrderStream + static_cast<int>(split)));
      const std::vector<int64_t> order = BalancedOrder(classes_, per_class, order_random);
      for (int64_t c = 0; c < classes_; ++c) {
        PlanClass(split, c, absl::MakeConstSpan(order).subspan(c * per_class, per_class), random,
                  items);
      }
    }
    for (size_t i = 0; i < items.size(); ++i) {
      items[i].seed = DeriveSeed(options_.seed, kTakeStream + i);
    }
    return items;
  }

  void PlanClass(Split split, int64_t label, absl::Span<const int64_t> slots, Random& random,
                 std::vector<Item>& items) const {
    const size_t takes = split == Split::kTrain ? options_.takes : 1;
    for (size_t k = 0; k < slots.size(); k += takes) {
      Item item;
      item.split = split;
      item.label = static_cast<uint16_t>(label);
      item.silent = label == classes_ - 2;
      const absl::Span<const int64_t> own = slots.subspan(k, takes);
      item.slots.assign(own.begin(), own.end());
      if (!item.silent) {
        const Speaker speaker = speakers_.Draw(split, random);
        const std::string& text = label < classes_ - 2 ? options_.words[label]
                                                       : unknown_[random.Uniform(unknown_.size())];
        item.speaker = speaker.id;
        item.utterance = Say(text, speaker, random);
        if (flite_ != nullptr && split == Split::kTrain) MayUseFlite(text, random, item);
      }
      items.push_back(std::move(item));
    }
  }

  // Lets flite speak its share.
  void MayUseFlite(const std::string& text, Random& random, Item& item) const {
    if (!random.Bernoulli(options_.flite_share)) return;
    const uint64_t voice = random.Uniform(flite_->voices().size());
    item.speaker = kFirstFliteSpeaker + static_cast<uint32_t>(voice);
    item.flite = FliteUtterance{text, flite_->voices()[voice], Between(0.75, 1.4, random),
                                Between(0.8, 1.3, random)};
  }

  absl::StatusOr<WavClip> Speak(const Item& item) const {
    return item.flite.has_value() ? flite_->Speak(*item.flite) : espeak_.Speak(item.utterance);
  }

  // A studio per split, whose babble is made of that split's voices alone.
  absl::Status MakeStudios() {
    std::vector<std::vector<float>> voices(kSplitCount * kBabbleVoices);
    ParallelOptions quiet = parallel_;
    quiet.progress = nullptr;
    NIWAKI_RETURN_IF_ERROR(ParallelFor(voices.size(), quiet, [&](int64_t i) -> absl::Status {
      Random random(DeriveSeed(options_.seed, kBabbleStream + i * 1000003));
      const Split split = static_cast<Split>(i / kBabbleVoices);
      const Speaker speaker = speakers_.Draw(split, random);
      const std::string& text = unknown_[random.Uniform(unknown_.size())];
      NIWAKI_ASSIGN_OR_RETURN(const WavClip clip, espeak_.Speak(Say(text, speaker, random)));
      const double ratio =
          static_cast<double>(options_.front_end.sample_rate_hz) / clip.sample_rate_hz;
      voices[i] = Resample(clip.samples, ratio);
      return absl::OkStatus();
    }));
    for (int s = 0; s < kSplitCount; ++s) {
      const auto first = voices.begin() + s * kBabbleVoices;
      studios_.emplace_back(options_.conditions,
                            std::vector<std::vector<float>>(first, first + kBabbleVoices));
    }
    return absl::OkStatus();
  }

  // Above a twentieth of the utterances, those of which nothing was heard are an error.
  absl::Status CheckSilent(const std::vector<Item>& items) const {
    std::vector<ErrorItem> silent;
    for (size_t i = 0; i < items.size(); ++i) {
      if (silent_[i] == 0) continue;
      const std::string voice =
          items[i].flite.has_value() ? items[i].flite->voice : items[i].utterance.accent;
      silent.push_back({ClassName(items[i].label), absl::StrCat("not a sound from ", voice)});
    }
    if (silent.size() * 20 <= items.size()) return absl::OkStatus();
    absl::Status status =
        Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
            .Field("words")
            .Value(silent.size())
            .Limit(items.size() / 20)
            .Message(absl::StrCat(silent.size(), " of ", items.size(),
                                  " utterances are silent, the first of ", silent[0].name));
    SetErrorItems(status, silent);
    return status;
  }

  // `silent` tells that nothing was heard of the utterance.
  absl::Status Make(const Item& item, char& silent) {
    WavClip voice;
    if (!item.silent) {
      NIWAKI_ASSIGN_OR_RETURN(voice, Speak(item));
      voice.samples = TrimSilence(voice.samples, voice.sample_rate_hz, kTrimDb);
      silent = voice.samples.empty();
    }
    NIWAKI_ASSIGN_OR_RETURN(const auto log_mel, LogMel::Create(options_.front_end));
    const ClipStudio& studio = studios_[static_cast<int>(item.split)];
    SplitColumns& columns = columns_[static_cast<int>(item.split)];
    Random random(item.seed);
    for (int64_t slot : item.slots) {
      const std::vector<float> clip =
          item.silent ? studio.RecordSilence(random)
                      : studio.Record(voice.samples, voice.sample_rate_hz, random);
      log_mel->Compute(
          clip, absl::MakeSpan(columns.examples).subspan(slot * example_bytes_, example_bytes_));
      columns.labels[slot] = item.label;
      columns.groups[slot] = item.speaker;
      NIWAKI_RETURN_IF_ERROR(KeepWav(item, slot, clip));
    }
    return absl::OkStatus();
  }

  absl::Status KeepWav(const Item& item, int64_t slot, const std::vector<float>& clip) const {
    if (options_.wav_folder.empty() || slot >= options_.wavs_per_class * classes_) {
      return absl::OkStatus();
    }
    const std::string folder =
        absl::StrCat(options_.wav_folder, "/", SplitName(item.split), "/", ClassName(item.label));
    NIWAKI_RETURN_IF_ERROR(MakeFolders(folder));
    return WriteFileAtomically(absl::StrCat(folder, "/", slot, ".wav"),
                               FormatWav(clip, options_.front_end.sample_rate_hz));
  }

  std::string ClassName(int64_t label) const {
    if (label < options_.words.size()) return options_.words[label];
    return label == classes_ - 2 ? kSilence : kUnknown;
  }

  absl::Status Write() const {
    Metadata metadata;
    metadata.name = options_.name;
    for (int64_t c = 0; c < classes_; ++c) metadata.class_names.push_back(ClassName(c));
    metadata.channels = 1;
    metadata.height = options_.front_end.Frames();
    metadata.width = options_.front_end.mel_bins;
    metadata.scale = kLogMelScale;
    metadata.offset = kLogMelOffset;
    metadata.has_groups = true;
    metadata.front_end = options_.front_end;
    metadata.attributes["generator"] = "keywords";
    metadata.attributes["espeak"] = espeak_.version();
    if (flite_ != nullptr) {
      metadata.attributes["flite"] =
          absl::StrCat(options_.flite_share, " of train: ", absl::StrJoin(flite_->voices(), ", "));
    }
    metadata.attributes["seed"] = absl::StrCat(options_.seed);
    metadata.attributes["takes"] = absl::StrCat(options_.takes);
    const int64_t silent = std::count(silent_.begin(), silent_.end(), 1);
    if (silent > 0) metadata.attributes["silent utterances"] = absl::StrCat(silent);
    metadata.attributes["accents"] = absl::StrJoin(options_.accents, " ");
    std::array<SplitView, kSplitCount> views;
    for (Split split : kAllSplits) {
      const int s = static_cast<int>(split);
      metadata.sizes[s] = columns_[s].labels.size();
      views[s] = columns_[s].View();
      metadata.attributes[absl::StrCat("voices.", SplitName(split))] =
          absl::StrJoin(speakers_.variants(split), ", ");
    }
    SetNormalisation(columns_[0].examples, metadata);
    return WritePrepared(options_.out, metadata, views);
  }

  const KeywordOptions& options_;
  const ParallelOptions& parallel_;
  const Espeak& espeak_;
  const Flite* const flite_;
  const Speakers& speakers_;
  const std::vector<std::string> unknown_;
  const int64_t classes_;
  // Clips of one class per split.
  const std::array<int64_t, kSplitCount> sizes_;
  int64_t example_bytes_ = 0;
  std::vector<ClipStudio> studios_;
  // Filled by threads, each example by one.
  std::array<SplitColumns, kSplitCount> columns_;
  // [items] 1 for an utterance of which nothing was heard.
  std::vector<char> silent_;
};

// Refuses words that cannot be told apart by ear; returns the unknown words that differ from all of
// them.
absl::StatusOr<std::vector<std::string>> DistinctUnknown(const KeywordOptions& options,
                                                         const ParallelOptions& parallel,
                                                         const Espeak& espeak) {
  std::vector<std::string> all = options.words;
  all.insert(all.end(), options.unknown_words.begin(), options.unknown_words.end());
  std::vector<std::string> phonemes(all.size());
  ParallelOptions quiet = parallel;
  quiet.progress = nullptr;
  NIWAKI_RETURN_IF_ERROR(ParallelFor(all.size(), quiet, [&](int64_t i) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(phonemes[i], espeak.Phonemes(all[i], options.accents[0]));
    return absl::OkStatus();
  }));
  std::map<std::string, std::string> taken;
  std::vector<absl::Status> errors;
  for (size_t i = 0; i < options.words.size(); ++i) {
    const std::string field = absl::StrCat("words[", i, "]");
    if (phonemes[i].empty()) {
      errors.push_back(Invalid(field, all[i], "words that make a sound"));
      continue;
    }
    const auto [it, fresh] = taken.emplace(phonemes[i], all[i]);
    if (fresh) continue;
    errors.push_back(
        Invalid(field, all[i], absl::StrCat("words that sound unlike '", it->second, "'")));
  }
  NIWAKI_RETURN_IF_ERROR(Together("words", errors));
  std::vector<std::string> unknown;
  for (size_t i = options.words.size(); i < all.size(); ++i) {
    if (!phonemes[i].empty() && taken.count(phonemes[i]) == 0) unknown.push_back(all[i]);
  }
  if (!unknown.empty()) return unknown;
  return Invalid("unknown_words", absl::StrJoin(options.unknown_words, ","),
                 "lists with a word that sounds unlike every keyword");
}

}  // namespace

absl::Status CheckWord(absl::string_view word, absl::string_view field) {
  if (word.empty() || word.size() > kMaxWordBytes) {
    return Invalid(field, word, absl::StrCat("words of 1 to ", kMaxWordBytes, " bytes"));
  }
  const bool good = IsWordCharacter(word[0]) && std::all_of(word.begin(), word.end(), [](char c) {
                      return IsWordCharacter(c) || c == ' ' || c == '\'' || c == '-';
                    });
  if (!good) {
    return Invalid(field, absl::CHexEscape(word),
                   "words of letters, digits, blanks, apostrophes and hyphens that begin with a "
                   "letter or a digit");
  }
  const std::string lower = absl::AsciiStrToLower(word);
  if (lower == kSilence || lower == kUnknown) {
    return Invalid(field, word, "words other than silence and unknown");
  }
  return absl::OkStatus();
}

std::vector<std::string> KeywordOptions::DefaultUnknownWords() {
  return {"bed",      "bird",    "cat",     "dog",    "happy",  "house",  "tree",   "wow",
          "backward", "forward", "follow",  "learn",  "visual", "marvin", "sheila", "zero",
          "one",      "two",     "three",   "four",   "five",   "six",    "seven",  "eight",
          "nine",     "nope",    "note",    "nose",   "yet",    "yell",   "guess",  "cup",
          "pup",      "town",    "dawn",    "lift",   "less",   "light",  "rice",   "ripe",
          "own",      "gone",    "often",   "cough",  "awful",  "shop",   "step",   "stock",
          "stuff",    "goat",    "ghost",   "so",     "though", "water",  "music",  "people",
          "window",   "number",  "because", "orange", "again",  "machine"};
}

absl::Status KeywordOptions::Validate() const {
  if (name.empty()) return Invalid("name", name, "names of 1 to 256 bytes");
  if (out.empty()) return Invalid("out", out, "paths of files");
  NIWAKI_RETURN_IF_ERROR(CheckWordList(words, "words"));
  NIWAKI_RETURN_IF_ERROR(CheckWordList(unknown_words, "unknown_words"));
  NIWAKI_RETURN_IF_ERROR(CheckAccents(accents));
  NIWAKI_RETURN_IF_ERROR(CheckRange("clips_per_word", clips_per_word, 10, 100000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("takes", takes, 1, 50));
  NIWAKI_RETURN_IF_ERROR(CheckRange("flite_share", flite_share, 0, 1));
  for (Split split : kAllSplits) {
    NIWAKI_RETURN_IF_ERROR(CheckRange(absl::StrCat("shares.", SplitName(split)),
                                      shares[static_cast<int>(split)], 0.001, 1000));
  }
  NIWAKI_RETURN_IF_ERROR(front_end.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckRange("conditions.clip_samples", conditions.clip_samples,
                                    front_end.clip_samples, front_end.clip_samples));
  return CheckRange("conditions.sample_rate_hz", conditions.sample_rate_hz,
                    front_end.sample_rate_hz, front_end.sample_rate_hz);
}

absl::Status GenerateKeywords(const KeywordOptions& options, const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.out));
  if (!options.wav_folder.empty()) NIWAKI_RETURN_IF_ERROR(CheckWritableFolder(options.wav_folder));
  NIWAKI_ASSIGN_OR_RETURN(const Espeak espeak, Espeak::Create(options.espeak));
  std::vector<absl::Status> errors;
  for (size_t i = 0; i < options.accents.size(); ++i) {
    if (espeak.voices().count(options.accents[i]) > 0) continue;
    errors.push_back(Invalid(absl::StrCat("accents[", i, "]"), options.accents[i],
                             "the languages of espeak-ng --voices"));
  }
  NIWAKI_RETURN_IF_ERROR(Together("accents", errors));
  NIWAKI_ASSIGN_OR_RETURN(const Speakers speakers,
                          Speakers::Create(espeak.variants(), options.accents, options.shares,
                                           DeriveSeed(options.seed, kSpeakerStream)));
  NIWAKI_RETURN_IF_ERROR(
      CheckVoices(espeak, speakers, options.accents, options.words[0], parallel));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<std::string> unknown,
                          DistinctUnknown(options, parallel, espeak));
  std::optional<Flite> flite;
  if (options.flite_share > 0) {
    NIWAKI_ASSIGN_OR_RETURN(flite, Flite::Create(options.flite));
  }
  return Generator(options, parallel, espeak, flite ? &*flite : nullptr, speakers,
                   std::move(unknown))
      .Run();
}

}  // namespace niwaki::data
