#include "libs/board/build/object_compiler.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

constexpr char kPackage[] = "gcc-arm-none-eabi";

std::vector<std::string> Joined(const std::vector<std::string>& first,
                                const std::vector<std::string>& second) {
  std::vector<std::string> all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

// Of the object that `source` becomes.
absl::StatusOr<std::string> KeyOf(const Compilation& compilation, const std::string& source) {
  // Without line markers: paths are no part of an object.
  const std::vector<std::string> argv =
      Joined(Joined(compilation.argv, compilation.preprocessor_flags), {"-E", "-P", source});
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult text, RunCompiler(argv));
  if (text.exit_code != 0) return CompilerFailed(compilation.argv[0], text);
  Sha256 digest;
  // Parts are ended by zeros, which are in none of them.
  const auto add = [&digest](absl::string_view part) {
    digest.Update(part);
    digest.Update(absl::string_view("", 1));
  };
  add(compilation.compiler_version);
  for (const std::string& argument : compilation.argv) add(argument);
  add(text.standard_output);
  return digest.FinishHex();
}

absl::Status Compile(const Compilation& compilation, const std::string& source,
                     const std::string& object) {
  std::string key;
  if (compilation.cache != nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(key, KeyOf(compilation, source));
    if (compilation.cache->Take(key, object)) return absl::OkStatus();
  }
  const std::vector<std::string> argv = Joined(
      Joined(compilation.argv, compilation.preprocessor_flags), {"-c", "-o", object, source});
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler(argv));
  if (result.exit_code != 0) return CompilerFailed(compilation.argv[0], result);
  return compilation.cache == nullptr ? absl::OkStatus() : compilation.cache->Keep(key, object);
}

}  // namespace

absl::StatusOr<ProgramResult> RunCompiler(const std::vector<std::string>& argv) {
  ProgramOptions program;
  program.argv = argv;
  program.package = kPackage;
  program.timeout_ms = 300000;
  return RunProgram(program);
}

absl::Status CompilerFailed(const std::string& program, const ProgramResult& result) {
  return Error(absl::StatusCode::kInternal, reason::kSystemError)
      .Field(program)
      .Value(result.exit_code)
      .Message(absl::StrCat(program, " ended with code ", result.exit_code, ": ",
                            absl::StripAsciiWhitespace(result.standard_error).substr(0, 2000)));
}

absl::StatusOr<std::vector<std::string>> CompileObjects(const Compilation& compilation) {
  const size_t count = compilation.sources.size();
  std::vector<std::string> objects;
  for (size_t i = 0; i < count; ++i) {
    objects.push_back(absl::StrCat(compilation.folder, "/", i, ".o"));
  }
  std::vector<absl::Status> outcomes(count);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      outcomes[i] = Compile(compilation, compilation.sources[i], objects[i]);
      // The rest is of no use then.
      if (!outcomes[i].ok()) next = count;
    }
  };
  const size_t threads = std::min<size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  for (const absl::Status& outcome : outcomes) NIWAKI_RETURN_IF_ERROR(outcome);
  return objects;
}

}  // namespace niwaki::board
