#include "libs/data/audio/flite.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/process.h"

namespace niwaki::data {
namespace {

// `kal` is kal16 at 8 kHz, and `awb_time` knows only the words of a clock.
constexpr const char* kPeople[] = {"awb", "kal16", "rms", "slt"};

absl::StatusOr<std::string> Run(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.package = "flite";
  return RunProcess(options);
}

}  // namespace

absl::StatusOr<Flite> Flite::Create(const std::string& tool) {
  Flite flite(tool);
  // "Voices available: kal awb_time kal16 awb rms slt"
  NIWAKI_ASSIGN_OR_RETURN(const std::string listing, Run({tool, "-lv"}));
  const std::vector<std::string> names =
      absl::StrSplit(listing, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  for (const char* name : kPeople) {
    if (std::find(names.begin(), names.end(), name) != names.end()) flite.voices_.push_back(name);
  }
  if (!flite.voices_.empty()) return flite;
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field("flite voices")
      .Value(listing)
      .Limit("awb, kal16, rms or slt")
      .Message(absl::StrCat(tool, " has none of the voices awb, kal16, rms, slt"));
}

absl::StatusOr<WavClip> Flite::Speak(const FliteUtterance& utterance) const {
  NIWAKI_ASSIGN_OR_RETURN(const std::string wav,
                          Run({tool_, "-voice", utterance.voice, "--setf",
                               absl::StrCat("duration_stretch=", utterance.duration_stretch),
                               "--setf", absl::StrCat("f0_shift=", utterance.pitch_shift), "-t",
                               utterance.text, "-o", "/dev/stdout"}));
  return ParseWav(wav, absl::StrCat("flite speaking '", utterance.text, "'"));
}

}  // namespace niwaki::data
