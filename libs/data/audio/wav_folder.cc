#include "libs/data/audio/wav_folder.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/acoustics.h"
#include "libs/data/audio/resample.h"
#include "libs/data/audio/wav.h"
#include "libs/data/blank.h"
#include "libs/data/class_folder.h"
#include "libs/data/folder_reader.h"
#include "libs/data/source_report.h"

namespace niwaki::data {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{256} << 20;
// What Resample can do.
constexpr double kMaxRatio = 32;
// The most that a window of noise is made softer by.
constexpr double kMaxSofterDb = 40;
// Another name for the class of noise, that of Speech Commands' test set.
constexpr char kSilenceFolder[] = "_silence_";

absl::Status Malformed(const std::string& name, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(name)
      .Message(absl::StrCat(name, ": ", problem));
}

// The recording's samples at `rate_hz`.
absl::StatusOr<std::vector<float>> Decode(const std::string& bytes, int rate_hz,
                                          const std::string& name, std::string& warning) {
  NIWAKI_ASSIGN_OR_RETURN(WavClip clip, ParseWav(bytes, name));
  warning = clip.warning;
  if (clip.samples.empty()) return Malformed(name, "holds no samples");
  if (clip.sample_rate_hz == rate_hz) return std::move(clip.samples);
  const double ratio = static_cast<double>(rate_hz) / clip.sample_rate_hz;
  if (ratio > kMaxRatio || ratio < 1 / kMaxRatio) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(clip.sample_rate_hz)
        .Limit(rate_hz)
        .Message(name + ": sample rate is too far from the front end's");
  }
  return Resample(clip.samples, ratio);
}

// The part of the file's name before `_nohash_`; empty when it has none.
std::string SpeakerOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const size_t at = name.find("_nohash_");
  return at == std::string::npos ? "" : name.substr(0, at);
}

ClassFolderOptions ListingOf(const WavFolderOptions& options) {
  ClassFolderOptions listing;
  listing.root = options.folder;
  listing.what = "recording";
  listing.extensions = {".wav",  ".wave", ".mp3", ".flac", ".ogg",  ".oga",
                        ".opus", ".m4a",  ".aac", ".aif",  ".aiff", ".aifc",
                        ".wma",  ".amr",  ".au",  ".snd",  ".caf",  ".webm"};
  listing.looks_right = [](absl::string_view bytes) {
    return absl::StartsWith(bytes, "RIFF") || absl::StartsWith(bytes, "fLaC") ||
           absl::StartsWith(bytes, "ID3") || absl::StartsWith(bytes, "OggS");
  };
  listing.noise_folder = kNoiseFolder;
  listing.use_noise = options.use_noise;
  listing.use_splits = options.use_splits;
  return listing;
}

class WavFolder {
 public:
  WavFolder(const WavFolderOptions& options, ClassFolder listing)
      : options_(options),
        listing_(std::move(listing)),
        examples_(listing_.files.size() + listing_.noise.size()),
        silent_windows_(examples_.size(), 0) {
    set_.channels = 1;
    set_.height = options.front_end.Frames();
    set_.width = options.front_end.mel_bins;
  }

  absl::StatusOr<ExampleSet> Run(const ParallelOptions& parallel) {
    FolderReadOptions reading;
    reading.skip_bad = options_.skip_bad;
    reading.for_training = options_.for_training;
    reading.max_file_bytes = kMaxFileBytes;
    NIWAKI_ASSIGN_OR_RETURN(content_, ReadClassFolder(listing_, options_.folder, reading, parallel,
                                                      [this](int64_t i, const std::string& bytes,
                                                             std::string& warning) {
                                                        return Read(i, bytes, warning);
                                                      }));
    set_.class_names = std::move(content_.class_names);
    set_.report = std::move(content_.report);
    noise_label_ = NoiseLabel();
    for (size_t k = 0; k < content_.kept.size(); ++k) Collect(k);
    if (options_.keep_groups) NumberGroups();
    AddNotes();
    return std::move(set_);
  }

 private:
  bool IsNoise(int64_t i) const { return i >= static_cast<int64_t>(listing_.files.size()); }
  const ClassFile& FileAt(int64_t i) const {
    return IsNoise(i) ? listing_.noise[i - listing_.files.size()] : listing_.files[i];
  }

  // Fills in the examples of file `i`.
  absl::Status Read(int64_t i, const std::string& bytes, std::string& warning) {
    const LogMelOptions& front_end = options_.front_end;
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<float> samples,
                            Decode(bytes, front_end.sample_rate_hz, FileAt(i).name, warning));
    NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<LogMel> log_mel, LogMel::Create(front_end));
    // What is drawn for a file does not depend on the others.
    Random random(DeriveSeed(1, i - static_cast<int64_t>(listing_.files.size())));
    std::vector<uint8_t> example(set_.BytesPerExample());
    std::vector<uint8_t> silent;
    for (int64_t first : Starts(samples, IsNoise(i))) {
      std::vector<float> clip = CutWindow(samples, first, front_end.clip_samples);
      if (IsNoise(i)) {
        const float gain = DecibelToGain(-kMaxSofterDb * random.UniformDouble());
        for (float& sample : clip) sample *= gain;
      }
      log_mel->Compute(clip, absl::MakeSpan(example));
      const bool blank = !IsNoise(i) && IsBlank(example, /*channels=*/1);
      silent_windows_[i] += blank;
      std::vector<uint8_t>& to = blank ? silent : examples_[i];
      to.insert(to.end(), example.begin(), example.end());
    }
    // A recording that is silent all through is an example all the same, to be counted as one.
    if (examples_[i].empty()) {
      silent.resize(set_.BytesPerExample());
      examples_[i] = std::move(silent);
      silent_windows_[i] = 0;
    }
    return absl::OkStatus();
  }

  std::vector<int64_t> Starts(const std::vector<float>& samples, bool noise) const {
    const int64_t length = options_.front_end.clip_samples;
    if (noise) {
      std::vector<int64_t> firsts = {0};
      const int64_t size = static_cast<int64_t>(samples.size());
      for (int64_t at = length; at + length <= size; at += length) firsts.push_back(at);
      return firsts;
    }
    if (options_.windows == Windows::kAll) return SpreadWindows(samples, length);
    return {LoudestWindow(samples, length)};
  }

  // The class that noise goes to, made where there is none.
  uint16_t NoiseLabel() {
    std::vector<std::string>& names = set_.class_names;
    const bool noise = !content_.kept.empty() && IsNoise(content_.kept.back());
    if (!noise) return 0;
    for (const std::string& name : {options_.noise_class, std::string(kSilenceFolder)}) {
      const auto it = std::find(names.begin(), names.end(), name);
      if (it != names.end()) return static_cast<uint16_t>(it - names.begin());
    }
    names.push_back(options_.noise_class);
    return static_cast<uint16_t>(names.size() - 1);
  }

  // Moves the examples of the k-th kept file into the set.
  void Collect(size_t k) {
    const int64_t i = content_.kept[k];
    std::vector<uint8_t> examples = std::move(examples_[i]);
    set_.examples.insert(set_.examples.end(), examples.begin(), examples.end());
    const int64_t count = static_cast<int64_t>(examples.size()) / set_.BytesPerExample();
    for (int64_t n = 0; n < count; ++n) {
      set_.labels.push_back(IsNoise(i) ? noise_label_ : content_.labels[k]);
      set_.names.push_back(FileAt(i).name);
      set_.dealing.push_back(FileAt(i).dealing);
      owners_.push_back(i);
    }
    if (IsNoise(i)) {
      ++noise_files_;
      noise_windows_ += count;
    } else {
      windows_ += count;
      silent_left_out_ += silent_windows_[i];
    }
  }

  // A number per speaker, or per recording; a window of noise has its own. No groups where every
  // one would have one example.
  void NumberGroups() {
    std::map<std::string, uint32_t> numbers;
    bool named = false;
    uint32_t next = 0;
    for (size_t e = 0; e < owners_.size(); ++e) {
      const std::string& name = set_.names[e];
      const std::string speaker = SpeakerOf(name);
      named = named || !speaker.empty();
      // No name of a file begins with a slash.
      std::string key = speaker.empty() ? name : absl::StrCat("/", speaker);
      if (IsNoise(owners_[e])) absl::StrAppend(&key, "/", e);
      const auto [it, fresh] = numbers.emplace(std::move(key), next);
      if (fresh) ++next;
      set_.groups.push_back(it->second);
    }
    if (!named && next == set_.groups.size()) set_.groups.clear();
  }

  void AddNotes() {
    std::vector<std::string>& notes = set_.report->notes;
    if (noise_files_ > 0) {
      notes.push_back(absl::StrCat(noise_files_,
                                   noise_files_ == 1 ? " recording of " : " recordings of ",
                                   kNoiseFolder, " became ", noise_windows_, " clips of the class ",
                                   PlainName(set_.class_names[noise_label_])));
    }
    if (options_.windows == Windows::kAll) {
      notes.push_back(absl::StrCat(windows_, " clips were cut from ",
                                   content_.kept.size() - noise_files_, " recordings; ",
                                   silent_left_out_, " without sound were left out"));
    }
  }

  const WavFolderOptions& options_;
  const ClassFolder listing_;
  FolderContent content_;
  ExampleSet set_;
  // [files, then noise] Each filled in by one thread: examples one after another, and how many
  // windows without sound are not among them.
  std::vector<std::vector<uint8_t>> examples_;
  std::vector<int> silent_windows_;
  // [examples of the set] the file each came from.
  std::vector<int64_t> owners_;
  uint16_t noise_label_ = 0;
  size_t noise_files_ = 0;
  int64_t noise_windows_ = 0;
  int64_t windows_ = 0;
  int64_t silent_left_out_ = 0;
};

}  // namespace

absl::StatusOr<ExampleSet> ReadWavFolder(const WavFolderOptions& options,
                                         const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.front_end.Validate());
  NIWAKI_ASSIGN_OR_RETURN(ClassFolder listing, ListClassFolder(ListingOf(options)));
  return WavFolder(options, std::move(listing)).Run(parallel);
}

}  // namespace niwaki::data
