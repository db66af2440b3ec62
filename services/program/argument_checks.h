// What the parser of command lines would take for another value is refused: one place for the
// options of every program.

#ifndef NIWAKI_SERVICES_PROGRAM_ARGUMENT_CHECKS_H_
#define NIWAKI_SERVICES_PROGRAM_ARGUMENT_CHECKS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace niwaki::program {

// Call when `app` has all of its options and subcommands. From then on each option refuses
//   - an empty text (`--svg ''`, an unset shell variable), which would count as not given;
//   - a whole number that does not fit its type, which would wrap around (`--seed -1`), and reads
//     what begins with 0 as decimal, not octal;
//   - a number that is not finite.
// The error names option, value and limits. The option's own checks come after.
void CheckArguments(CLI::App& app);

// For options: a number above 0, or from 0.
CLI::Validator AboveZero();
CLI::Validator FromZero();

// What is wrong with a command line, in people's words.
std::string DescribeError(const CLI::ParseError& error);

// For programs without subcommands: CheckArguments, then parses. Prints --help to standard output
// and errors, behind the program's name, to standard error. The exit code where the program ends
// here: 0 after --help, 2 after an error.
std::optional<int> ParseArguments(CLI::App& app, int argc, const char* const* argv);

}  // namespace niwaki::program

#endif  // NIWAKI_SERVICES_PROGRAM_ARGUMENT_CHECKS_H_
