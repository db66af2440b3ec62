#include "libs/data/audio/stream/stream_maker.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/acoustics.h"
#include "libs/data/audio/stream/recording.h"
#include "libs/data/audio/wav.h"
#include "libs/data/class_folder.h"

namespace niwaki::data {
namespace {

constexpr double kMaxClipSeconds = 60;
// Clips come with noise of their own: it fades in and out.
constexpr double kFadeSeconds = 0.02;

class Maker {
 public:
  Maker(const StreamMakerOptions& options, ClassFolder folder)
      : options_(options), folder_(std::move(folder)), random_(options.seed) {
    for (size_t i = 0; i < folder_.files.size(); ++i) {
      by_class_[folder_.files[i].label].push_back(i);
    }
  }

  absl::StatusOr<MadeStream> Run() {
    const auto size = static_cast<int64_t>(options_.minutes * 60 * options_.sample_rate_hz);
    samples_ = MakeNoise(Noise::kPink, size, options_.sample_rate_hz, random_);
    const float gain = DecibelToGain(options_.noise_db);
    for (float& sample : samples_) sample *= gain;
    for (int64_t at = Gap();;) {
      NIWAKI_ASSIGN_OR_RETURN(const int64_t end, Place(at));
      if (end < 0) break;
      at = end + Gap();
    }
    made_.seconds = static_cast<double>(size) / options_.sample_rate_hz;
    NIWAKI_RETURN_IF_ERROR(
        WriteFileAtomically(options_.out, FormatWav(samples_, options_.sample_rate_hz)));
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options_.labels, labels_));
    return made_;
  }

 private:
  // From half the average to one and a half of it.
  int64_t Gap() {
    return static_cast<int64_t>(options_.gap_s * (0.5 + random_.UniformDouble()) *
                                options_.sample_rate_hz);
  }

  // Mixes a clip in at `at`; its end, or -1 where it does not fit any more.
  absl::StatusOr<int64_t> Place(int64_t at) {
    auto chosen = by_class_.begin();
    std::advance(chosen, random_.Uniform(by_class_.size()));
    const ClassFile& file = folder_.files[chosen->second[random_.Uniform(chosen->second.size())]];
    NIWAKI_ASSIGN_OR_RETURN(const Recording recording,
                            ReadRecording(file.path, options_.sample_rate_hz));
    const auto size = static_cast<int64_t>(recording.samples.size());
    if (size > kMaxClipSeconds * options_.sample_rate_hz) {
      return InvalidValue(
          "clips", absl::StrCat(size / options_.sample_rate_hz, " s"),
          absl::StrCat("at most ", kMaxClipSeconds, " s; ", file.name, " is longer"),
          reason::kFileMalformed);
    }
    if (at + size > static_cast<int64_t>(samples_.size())) return -1;
    const double fade = kFadeSeconds * options_.sample_rate_hz;
    for (int64_t i = 0; i < size; ++i) {
      const double edge = static_cast<double>(std::min(i, size - 1 - i));
      const double loud = std::min(1.0, edge / fade);
      samples_[at + i] += static_cast<float>(loud * recording.samples[i] / 32768.0);
    }
    ++made_.clips;
    const std::string& word = folder_.class_names[file.label];
    const std::vector<std::string>& quiet = options_.unlabelled;
    if (std::find(quiet.begin(), quiet.end(), word) == quiet.end()) {
      const double middle = static_cast<double>(at + size / 2) / options_.sample_rate_hz;
      absl::StrAppendFormat(&labels_, "%.2f %s\n", middle, word);
      ++made_.labelled;
    }
    return at + size;
  }

  const StreamMakerOptions& options_;
  const ClassFolder folder_;
  Random random_;
  std::map<uint16_t, std::vector<size_t>> by_class_;
  std::vector<float> samples_;
  std::string labels_;
  MadeStream made_;
};

}  // namespace

absl::Status StreamMakerOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("minutes", minutes, 0.1, 600));
  NIWAKI_RETURN_IF_ERROR(CheckRange("gap_s", gap_s, 0.1, 600));
  NIWAKI_RETURN_IF_ERROR(CheckRange("noise_db", noise_db, -120, 0));
  return CheckRange("sample_rate_hz", sample_rate_hz, 1000, 192000);
}

absl::StatusOr<MadeStream> MakeStream(const StreamMakerOptions& options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.out));
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.labels));
  ClassFolderOptions listing;
  listing.root = options.clips;
  listing.what = "recording";
  listing.extensions = {".wav", ".wave"};
  listing.use_splits = false;
  NIWAKI_ASSIGN_OR_RETURN(ClassFolder folder, ListClassFolder(listing));
  if (folder.files.empty()) {
    return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
        .Field("clips")
        .Value(options.clips)
        .Limit("a folder of WAV files for each word")
        .Message(
            absl::StrCat(options.clips, " holds no clips: a folder of WAV files for each word"));
  }
  return Maker(options, std::move(folder)).Run();
}

}  // namespace niwaki::data
