#include "services/cli/commands/trainer_program.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/cli/cluster/sibling_binary.h"
#include "services/cli/commands/command.h"

namespace niwaki::cli {
namespace {

absl::Status BecomeTrainer(Session& session, std::vector<std::string> arguments) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string path,
                          FindSibling(Sibling::kTrainer, session.options().program_path,
                                      session.options().environment));
  if (session.json()) {
    arguments.push_back("--output");
    arguments.push_back("json");
  }
  std::vector<char*> argv = {const_cast<char*>("niwaki")};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  session.out().flush();
  signal(SIGPIPE, SIG_DFL);
  execv(path.c_str(), argv.data());
  return ErrnoToStatus(errno, path);
}

}  // namespace

void AddTrainerCommand(CLI::App& app, Session& session, const std::string& command,
                       const std::string& description, const std::vector<std::string>& leading) {
  CLI::App* sub = app.add_subcommand(command, description);
  sub->set_help_flag();
  sub->fallthrough(false);
  sub->prefix_command();
  sub->callback([&session, sub, leading] {
    session.action = [&session, sub, leading] {
      std::vector<std::string> arguments = leading;
      for (const std::string& argument : sub->remaining()) arguments.push_back(argument);
      return BecomeTrainer(session, std::move(arguments));
    };
  });
}

}  // namespace niwaki::cli
