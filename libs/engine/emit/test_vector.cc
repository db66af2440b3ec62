#include "libs/engine/emit/test_vector.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/host/runner.h"

namespace niwaki::engine {

absl::StatusOr<std::string> TestVectorText(const QuantisedNetwork& network,
                                           const EmitOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(HostRunner runner, HostRunner::Create(&network));
  std::vector<int8_t> input(network.graph.shape(runner.input()).elements());
  Random random(options.seed);
  for (int8_t& level : input) level = static_cast<int8_t>(random.Uniform(256));
  NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> output, runner.Run(input));
  const std::string& name = options.prefix;
  const std::string guard = absl::StrCat(UpperCase(name), "_TEST_H_");
  std::string text =
      absl::StrCat("// A test vector of ", name, ": random levels (seed ", options.seed,
                   ") and the output\n// that they must give, byte for byte. Written by niwaki "
                   "export.\n\n#ifndef ",
                   guard, "\n#define ", guard, "\n\n#include <stdint.h>\n\n");
  AppendArray(absl::StrCat("static const int8_t ", name, "_test_input[", input.size(), "]"), input,
              text);
  text += "\n";
  AppendArray(absl::StrCat("static const int8_t ", name, "_test_output[", output.size(), "]"),
              output, text);
  absl::StrAppend(&text, "\n#endif  // ", guard, "\n");
  return text;
}

absl::StatusOr<std::vector<int8_t>> ReadTestOutput(absl::string_view text, absl::string_view what) {
  const size_t name = text.find("_test_output[");
  const size_t begin = name == absl::string_view::npos ? name : text.find('{', name);
  const size_t end = begin == absl::string_view::npos ? begin : text.find('}', begin);
  std::vector<int8_t> output;
  bool whole = end != absl::string_view::npos;
  if (whole) {
    for (const absl::string_view number :
         absl::StrSplit(text.substr(begin + 1, end - begin - 1), ',', absl::SkipWhitespace())) {
      int level = 0;
      whole = whole && absl::SimpleAtoi(number, &level) && level >= -128 && level <= 127;
      output.push_back(static_cast<int8_t>(level));
    }
  }
  if (whole && !output.empty()) return output;
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, " holds no test vector of niwaki export"));
}

}  // namespace niwaki::engine
