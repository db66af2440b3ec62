#include "libs/data/audio/wav_folder.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/quantise.h"
#include "libs/data/audio/resample.h"
#include "libs/data/audio/wav.h"
#include "libs/data/class_folder.h"

namespace niwaki::data {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{64} << 20;
// What Resample can do.
constexpr double kMaxRatio = 32;

// The clip at `rate_hz`, its middle in the middle of `length` samples.
absl::StatusOr<std::vector<float>> Conform(WavClip clip, int rate_hz, int64_t length,
                                           const std::string& path) {
  if (clip.sample_rate_hz != rate_hz) {
    const double ratio = static_cast<double>(rate_hz) / clip.sample_rate_hz;
    if (ratio > kMaxRatio || ratio < 1 / kMaxRatio) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
          .Field(path)
          .Value(clip.sample_rate_hz)
          .Limit(rate_hz)
          .Message(path + ": sample rate is too far from the front end's");
    }
    clip.samples = Resample(clip.samples, ratio);
  }
  const int64_t n = clip.samples.size();
  std::vector<float> out(length, 0.0f);
  const int64_t from = std::max<int64_t>(0, (n - length) / 2);
  const int64_t to = std::max<int64_t>(0, (length - n) / 2);
  std::copy_n(clip.samples.begin() + from, std::min(n, length), out.begin() + to);
  return out;
}

// The part of the file's name before `_nohash_`; empty when it has none.
std::string SpeakerOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const size_t at = name.find("_nohash_");
  return at == std::string::npos ? "" : name.substr(0, at);
}

// A number per speaker; files without one get a number each.
std::vector<uint32_t> GroupsOf(const std::vector<ClassFile>& files) {
  std::map<std::string, uint32_t> numbers;
  std::vector<uint32_t> groups;
  uint32_t next = 0;
  for (const ClassFile& file : files) {
    const std::string speaker = SpeakerOf(file.path);
    if (speaker.empty()) {
      groups.push_back(next++);
      continue;
    }
    const auto [it, fresh] = numbers.emplace(speaker, next);
    if (fresh) ++next;
    groups.push_back(it->second);
  }
  if (numbers.empty()) groups.clear();
  return groups;
}

}  // namespace

absl::StatusOr<ExampleSet> ReadWavFolder(const WavFolderOptions& options,
                                         const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.front_end.Validate());
  NIWAKI_ASSIGN_OR_RETURN(const ClassFolder listing, ListClassFolder(options.folder, {".wav"}));
  ExampleSet set;
  set.class_names = listing.class_names;
  set.channels = 1;
  set.height = options.front_end.Frames();
  set.width = options.front_end.mel_bins;
  for (const ClassFile& file : listing.files) set.labels.push_back(file.label);
  set.groups = GroupsOf(listing.files);
  const int64_t example_bytes = set.BytesPerExample();
  set.examples.resize(set.size() * example_bytes);
  NIWAKI_RETURN_IF_ERROR(ParallelFor(set.size(), parallel, [&](int64_t i) -> absl::Status {
    const std::string& path = listing.files[i].path;
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxFileBytes));
    NIWAKI_ASSIGN_OR_RETURN(WavClip clip, ParseWav(bytes, path));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<float> samples,
                            Conform(std::move(clip), options.front_end.sample_rate_hz,
                                    options.front_end.clip_samples, path));
    NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<LogMel> log_mel,
                            LogMel::Create(options.front_end));
    std::vector<float> db(example_bytes);
    log_mel->Compute(samples, absl::MakeSpan(db));
    QuantiseLogMel(db, absl::MakeSpan(set.examples).subspan(i * example_bytes, example_bytes));
    return absl::OkStatus();
  }));
  return set;
}

}  // namespace niwaki::data
