// niwaki predictor …, apart from the other commands because it brings the predictors with it.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_PREDICTOR_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_PREDICTOR_COMMANDS_H_

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

class Session;

// Adds "predictor train | import | show | predict"; see commands.h.
void AddPredictorCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_PREDICTOR_COMMANDS_H_
