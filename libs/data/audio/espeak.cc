#include "libs/data/audio/espeak.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/data/process.h"

namespace niwaki::data {
namespace {

absl::StatusOr<std::string> Run(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.package = "espeak-ng";
  return RunProcess(options);
}

// Lines of `--voices=variant` end in the file's name after `!v/`, which may hold blanks and be
// followed by languages in brackets.
std::set<std::string> ParseVariants(absl::string_view listing) {
  std::set<std::string> variants;
  for (absl::string_view line : absl::StrSplit(listing, '\n')) {
    const size_t at = line.find("!v/");
    if (at == absl::string_view::npos) continue;
    absl::string_view name = line.substr(at + 3);
    name = absl::StripAsciiWhitespace(name.substr(0, name.find('(')));
    if (!name.empty()) variants.insert(std::string(name));
  }
  return variants;
}

// The second column of `--voices` is the name, the fifth the file; the first voice of a name
// counts.
std::map<std::string, std::string> ParseVoices(absl::string_view listing) {
  std::map<std::string, std::string> voices;
  for (absl::string_view line : absl::StrSplit(listing, '\n')) {
    const std::vector<absl::string_view> columns = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (columns.size() < 5 || columns[0] == "Pty") continue;
    voices.emplace(std::string(columns[1]), std::string(columns[4]));
  }
  return voices;
}

}  // namespace

absl::StatusOr<Espeak> Espeak::Create(const std::string& tool) {
  Espeak espeak(tool);
  NIWAKI_ASSIGN_OR_RETURN(const std::string version, Run({tool, "--version"}));
  const absl::string_view text = version;
  espeak.version_ = std::string(absl::StripAsciiWhitespace(text.substr(0, text.find("Data at"))));
  NIWAKI_ASSIGN_OR_RETURN(const std::string variants, Run({tool, "--voices=variant"}));
  espeak.variants_ = ParseVariants(variants);
  NIWAKI_ASSIGN_OR_RETURN(const std::string voices, Run({tool, "--voices"}));
  espeak.voices_ = ParseVoices(voices);
  return espeak;
}

absl::StatusOr<WavClip> Espeak::Speak(const Utterance& utterance) const {
  const auto file = voices_.find(utterance.accent);
  std::string voice = file == voices_.end() ? utterance.accent : file->second;
  if (!utterance.variant.empty()) absl::StrAppend(&voice, "+", utterance.variant);
  NIWAKI_ASSIGN_OR_RETURN(
      const std::string wav,
      Run({tool_, "--stdout", "-z", "-v", voice, "-p", absl::StrCat(utterance.pitch), "-s",
           absl::StrCat(utterance.words_per_minute), "--", utterance.text}));
  return ParseWav(wav, absl::StrCat("espeak-ng speaking '", utterance.text, "'"));
}

absl::StatusOr<std::string> Espeak::Phonemes(const std::string& text,
                                             const std::string& accent) const {
  NIWAKI_ASSIGN_OR_RETURN(const std::string output,
                          Run({tool_, "-q", "-x", "-v", accent, "--", text}));
  return absl::StrReplaceAll(output, {{" ", ""}, {"\n", ""}, {"'", ""}, {",", ""}, {"_:", ""}});
}

}  // namespace niwaki::data
