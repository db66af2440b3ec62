// Emitted files on disk, compiled and run, for tests.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_COMPILE_FOR_TEST_H_
#define NIWAKI_LIBS_ENGINE_EMIT_COMPILE_FOR_TEST_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/emit_c.h"

namespace niwaki::engine {

// Writes `files` below a folder of this test's own and gives its path.
inline std::string WriteTree(const std::string& name, const FileTree& files) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/", name);
  for (const auto& [path, content] : files) {
    const std::string file = absl::StrCat(folder, "/", path);
    NIWAKI_EXPECT_OK(MakeFolders(file.substr(0, file.rfind('/'))));
    NIWAKI_EXPECT_OK(WriteFileAtomically(file, content));
  }
  return folder;
}

// Runs a program that must end well; its standard output.
inline std::string RunOrFail(const std::vector<std::string>& argv) {
  ProgramOptions options;
  options.argv = argv;
  options.package = "gcc";
  const auto result = RunProgram(options);
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return "";
  EXPECT_EQ(result->exit_code, 0) << result->standard_output << result->standard_error;
  return result->standard_output;
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_COMPILE_FOR_TEST_H_
