// niwaki, the command line.

#include "services/cli/cli_app.h"

int main(int argc, char** argv) { return niwaki::cli::RunMain(argc, argv); }
