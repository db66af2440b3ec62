#include "libs/board/emulator/emulator_process.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

// How often it is looked whether an emulator that does not connect has ended.
constexpr absl::Duration kLook = absl::Milliseconds(50);

ChildOptions CommandOf(const EmulatorOptions& options, const std::string& socket) {
  ChildOptions command{EmulatorCommand(options), kEmulatorPackage};
  for (const std::string& word :
       {std::string("-chardev"), absl::StrCat("socket,id=line,path=", socket),
        std::string("-serial"), std::string("chardev:line")}) {
    command.argv.push_back(word);
  }
  return command;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmulatorProcess>> EmulatorProcess::Start(
    const EmulatorOptions& options, const Deadline& deadline) {
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<TemporaryFolder> folder, TemporaryFolder::Create());
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<UnixListener> listener,
                          UnixListener::Create(folder->path() + "/line"));
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<ChildProgram> child,
                          ChildProgram::Start(CommandOf(options, listener->path())));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  std::unique_ptr<EmulatorProcess> emulator(
      new EmulatorProcess(std::move(folder), std::move(child)));
  for (;;) {
    absl::StatusOr<std::unique_ptr<BytePort>> port =
        listener->Accept(Earlier(deadline, Deadline::After(kLook)));
    if (port.ok()) {
      emulator->port_ = *std::move(port);
      return emulator;
    }
    const bool waiting = port.status().code() == absl::StatusCode::kDeadlineExceeded;
    NIWAKI_RETURN_IF_ERROR(emulator->Health());
    if (!waiting || deadline.passed()) return port.status();
  }
}

absl::Status EmulatorProcess::Health() {
  const std::optional<int> code = child_->ExitCode();
  if (!code.has_value()) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, reason::kBoardVanished)
      .Field("emulator")
      .Value(*code)
      .Message(absl::StrCat("the emulator ended with code ", *code, " and said: ",
                            absl::StripAsciiWhitespace(child_->Output()).substr(0, 500)));
}

}  // namespace niwaki::board
