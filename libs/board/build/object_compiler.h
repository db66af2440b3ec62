// Compiles C sources, each into an object of its own: side by side, and those that were compiled
// before not again.

#ifndef NIWAKI_LIBS_BOARD_BUILD_OBJECT_COMPILER_H_
#define NIWAKI_LIBS_BOARD_BUILD_OBJECT_COMPILER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/process/run_program.h"
#include "libs/board/build/object_cache.h"

namespace niwaki::board {

struct Compilation {
  // The compiler and its flags, -c and -o apart.
  std::vector<std::string> argv;
  // -I and -D: what they do is in the text that is compiled.
  std::vector<std::string> preprocessor_flags;
  // Paths.
  std::vector<std::string> sources;
  // Where the objects go; it is there.
  std::string folder;
  // Borrowed; null where nothing is kept. A key is the compiler's version, `argv` and the
  // preprocessed text, so that an object is never another one.
  ObjectCache* cache = nullptr;
  std::string compiler_version;
};

// Paths of the objects in the order of the sources, by as many compilers at once as the machine has
// cores. Errors of RunCompiler, and CompilerFailed for the first source that does not compile.
absl::StatusOr<std::vector<std::string>> CompileObjects(const Compilation& compilation);

// Runs a program of the compiler's package; its errors are those of RunProgram.
absl::StatusOr<ProgramResult> RunCompiler(const std::vector<std::string>& argv);

// Internal, with the exit code and what the program said.
absl::Status CompilerFailed(const std::string& program, const ProgramResult& result);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_OBJECT_COMPILER_H_
