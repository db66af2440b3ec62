// What the import commands share: facts about the data from the command line, and the report.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_IMPORT_REPORT_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_IMPORT_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/interchange/ofa/import_network.h"
#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

struct DataOptions {
  // Prepared data file; the others are for where there is none.
  std::string data;
  // File with a class name on each line.
  std::string classes;
  std::string normalisation = "imagenet";
};

// Whether the command line says nothing.
bool IsDefault(const DataOptions& options);

void AddDataOptions(CLI::App& command, DataOptions& options);
// --entry: which dict of a checkpoint is read.
void AddEntryOption(CLI::App& command, std::string& entry);

// The facts that the options give for a network of `space`. The errors of reading the files and of
// interchange::DescribeData.
absl::StatusOr<interchange::DataFacts> ReadDataFacts(const DataOptions& options,
                                                     const arch::SearchSpace& space);

// Prints what was written to `path`: a line, a table of the tensors where `verbose`; or one JSON
// object with them all.
void ReportImport(Session& session, const interchange::ImportSummary& summary,
                  const std::string& path, bool verbose);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_IMPORT_REPORT_H_
