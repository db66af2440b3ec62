#include "libs/board/build/firmware_build.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_source_data.h"
#include "libs/board/build/object_compiler.h"

namespace niwaki::board {
namespace {

FirmwareTarget TargetFor(const FirmwareOptions& options) {
  return options.target.has_value() ? *options.target : TargetOf(options.board);
}

// The C files of libs/board/firmware that make the program.
std::vector<std::string> FilesOf(const FirmwareOptions& options, const FirmwareTarget& target) {
  std::vector<std::string> files = {"cortex_m.c"};
  if (options.program == FirmwareProgram::kReport) {
    files.push_back("report.c");
  } else {
    files.insert(files.end(), {"serve.c", "answer.c", "frame.c", "runner.c", "text.c"});
  }
  files.insert(files.end(), target.port.begin(), target.port.end());
  return files;
}

// The firmware's own sources, in the work folder.
absl::Status WriteFirmware(const std::string& folder) {
  for (int i = 0; kFirmwareSourceData[i][0] != nullptr; ++i) {
    const std::string path = absl::StrCat(folder, "/", kFirmwareSourceData[i][0]);
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(path, kFirmwareSourceData[i][1]));
  }
  return absl::OkStatus();
}

std::string LinkerSymbols(const FirmwareOptions& options, const FirmwareTarget& target) {
  const int64_t flash = options.flash_bytes > 0 ? options.flash_bytes : target.flash_bytes;
  const int64_t ram = options.ram_bytes > 0 ? options.ram_bytes : target.ram_bytes;
  std::string symbols = absl::StrFormat(
      "-Wl,--gc-sections,--defsym=nw_flash_begin=0x%x,--defsym=nw_ram_begin=0x%x,"
      "--defsym=nw_flash_bytes=%d,--defsym=nw_ram_bytes=%d,--defsym=nw_stack_bytes=%d",
      target.flash_begin, target.ram_begin, flash, ram, options.stack_bytes);
  if (target.fast_bytes > 0) {
    absl::StrAppendFormat(&symbols, ",--defsym=nw_fast_begin=0x%x,--defsym=nw_fast_bytes=%d",
                          target.fast_begin, target.fast_bytes);
  }
  return symbols;
}

// What every compilation begins with.
std::vector<std::string> CompilerArguments(const FirmwareOptions& options) {
  std::vector<std::string> argv = {options.compiler,
                                   absl::StrCat("-mcpu=", TargetFor(options).core), "-mthumb"};
  argv.insert(argv.end(), options.float_flags.begin(), options.float_flags.end());
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  return argv;
}

// Of the firmware's sources and the network's.
std::vector<std::string> PreprocessorFlags(const FirmwareOptions& options) {
  const std::string& prefix = options.prefix;
  // By their whole paths: the firmware has files of such names too.
  const std::string network =
      absl::StrCat(std::filesystem::absolute(options.folder).string(), "/", prefix);
  std::vector<std::string> flags = {
      absl::StrCat("-I", options.work_folder),
      absl::StrCat("-I", options.folder),
      absl::StrCat("-DNW_NETWORK=", prefix),
      absl::StrCat("-DNW_NETWORK_UPPER=", absl::AsciiStrToUpper(prefix)),
      absl::StrCat("-DNW_NETWORK_HEADER=\"", network, ".h\""),
      absl::StrCat("-DNW_NETWORK_TEST=\"", network, "_test.h\""),
      absl::StrCat("-DNW_PROFILE=", options.profile ? 1 : 0),
      absl::StrCat("-DNW_SENSOR=", options.sensor ? 1 : 0),
  };
  for (const auto& [name, value] : TargetFor(options).defines) {
    flags.push_back(absl::StrCat("-D", name, "=", value));
  }
  return flags;
}

// Paths of the network's sources.
std::vector<std::string> NetworkSources(const FirmwareOptions& options) {
  std::vector<std::string> sources;
  for (const std::string& source : options.sources) {
    sources.push_back(absl::StrCat(options.folder, "/", source));
  }
  return sources;
}

absl::StatusOr<std::vector<std::string>> Compile(const FirmwareOptions& options,
                                                 std::vector<std::string> preprocessor_flags,
                                                 std::vector<std::string> sources) {
  Compilation compilation;
  compilation.argv = CompilerArguments(options);
  compilation.preprocessor_flags = std::move(preprocessor_flags);
  compilation.sources = std::move(sources);
  compilation.folder = absl::StrCat(options.work_folder, "/objects");
  compilation.cache = options.object_cache;
  if (compilation.cache != nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(compilation.compiler_version, CompilerVersion(options.compiler));
  }
  NIWAKI_RETURN_IF_ERROR(MakeFolders(compilation.folder));
  return CompileObjects(compilation);
}

absl::Status LinkFailed(const FirmwareOptions& options, const ProgramResult& result) {
  const std::string& said = result.standard_error;
  const FirmwareTarget target = TargetFor(options);
  const struct {
    absl::string_view memory, field;
    int64_t limit;
  } kMemories[] = {
      {"flash", "flash", options.flash_bytes > 0 ? options.flash_bytes : target.flash_bytes},
      {"fast RAM", "ram", target.fast_bytes},
      {"RAM", "ram", options.ram_bytes > 0 ? options.ram_bytes : target.ram_bytes},
  };
  for (const auto& [memory, field, limit] : kMemories) {
    if (!absl::StrContains(said, absl::StrCat(memory, " is too small for the network"))) continue;
    return Error(absl::StatusCode::kResourceExhausted, reason::kBudgetUnsatisfiable)
        .Field(field)
        .Limit(limit)
        .Message(absl::StrCat("the firmware does not fit the ", limit, " bytes of ", memory));
  }
  return CompilerFailed(options.compiler, result);
}

}  // namespace

absl::StatusOr<std::string> BuildFirmware(const FirmwareOptions& options) {
  const FirmwareTarget target = TargetFor(options);
  NIWAKI_RETURN_IF_ERROR(WriteFirmware(options.work_folder));
  std::vector<std::string> flags = PreprocessorFlags(options);
  if (options.program == FirmwareProgram::kServe) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string digest, FirmwareDigest(options));
    flags.push_back(absl::StrCat("-DNW_FIRMWARE_DIGEST=\"", digest, "\""));
    flags.push_back(absl::StrCat("-DNW_NETWORK_DIGEST=\"", options.network_digest, "\""));
  }
  std::vector<std::string> sources = NetworkSources(options);
  for (const std::string& file : FilesOf(options, target)) {
    sources.push_back(absl::StrCat(options.work_folder, "/", file));
  }
  sources.insert(sources.end(), target.files.begin(), target.files.end());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> objects,
                          Compile(options, std::move(flags), std::move(sources)));
  const std::string elf = absl::StrCat(options.work_folder, "/firmware.elf");
  std::vector<std::string> argv = CompilerArguments(options);
  argv.insert(argv.end(), {"-nostartfiles", absl::StrCat("-T", options.work_folder, "/cortex_m.ld"),
                           LinkerSymbols(options, target), "-o", elf});
  argv.insert(argv.end(), objects.begin(), objects.end());
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler(argv));
  if (result.exit_code != 0) return LinkFailed(options, result);
  return elf;
}

absl::StatusOr<std::string> LinkNetwork(const FirmwareOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(
      const std::vector<std::string> objects,
      Compile(options, {absl::StrCat("-I", options.folder)}, NetworkSources(options)));
  const std::string elf = absl::StrCat(options.work_folder, "/network.elf");
  std::vector<std::string> argv = CompilerArguments(options);
  argv.insert(argv.end(), {"-nostartfiles", "-Wl,--gc-sections",
                           absl::StrCat("-Wl,--entry=", options.prefix, "_invoke"), "-o", elf});
  argv.insert(argv.end(), objects.begin(), objects.end());
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler(argv));
  if (result.exit_code != 0) return LinkFailed(options, result);
  return elf;
}

absl::StatusOr<std::string> FirmwareDigest(const FirmwareOptions& options) {
  const FirmwareTarget target = TargetFor(options);
  NIWAKI_ASSIGN_OR_RETURN(const std::string version, CompilerVersion(options.compiler));
  Sha256 digest;
  // Parts are ended by zeros, which are in none of them.
  const auto add = [&digest](absl::string_view part) {
    digest.Update(part);
    digest.Update(absl::string_view("", 1));
  };
  add(version);
  add(LinkerSymbols(options, target));
  for (const std::string& argument : CompilerArguments(options)) add(argument);
  for (const auto& [name, value] : target.defines) add(absl::StrCat(name, "=", value));
  const std::vector<std::string> files = FilesOf(options, target);
  for (int i = 0; kFirmwareSourceData[i][0] != nullptr; ++i) {
    const absl::string_view name = kFirmwareSourceData[i][0];
    const bool compiled = std::find(files.begin(), files.end(), name) != files.end();
    if (absl::EndsWith(name, ".c") && !compiled) continue;
    add(name);
    add(kFirmwareSourceData[i][1]);
  }
  for (const std::string& file : target.files) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    add(text);
  }
  return digest.FinishHex();
}

absl::StatusOr<std::string> MakeBinary(const std::string& elf, const std::string& compiler) {
  const std::string binary = absl::StrCat(absl::StripSuffix(elf, ".elf"), ".bin");
  const std::string objcopy = absl::StrCat(absl::StripSuffix(compiler, "gcc"), "objcopy");
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result,
                          RunCompiler({objcopy, "-O", "binary", elf, binary}));
  if (result.exit_code == 0) return binary;
  return CompilerFailed(objcopy, result);
}

absl::StatusOr<std::string> CompilerVersion(const std::string& compiler) {
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler({compiler, "--version"}));
  const std::vector<std::string> lines = absl::StrSplit(result.standard_output, '\n');
  return lines[0];
}

}  // namespace niwaki::board
