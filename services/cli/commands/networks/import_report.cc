#include "services/cli/commands/networks/import_report.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"
#include "libs/base/text/units.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/prepared.h"
#include "libs/tensorfile/state_dict.h"
#include "libs/tensorfile/tensor.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

// The lines of a file without blanks at their ends; empty ones are left out.
absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path) {
  constexpr int64_t kMaxBytes = 16 << 20;
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxBytes));
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view name = absl::StripAsciiWhitespace(line);
    if (!name.empty()) lines.emplace_back(name);
  }
  return lines;
}

// At most eight of `names`.
std::string FirstOf(const std::vector<std::string>& names) {
  constexpr size_t kShown = 8;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + std::min(names.size(), kShown));
  return absl::StrCat(absl::StrJoin(first, ", "), names.size() > kShown ? ", …" : "");
}

// What reading the checkpoint did that people may not expect, a line for each.
std::string NotesText(const tensorfile::StateDictNotes& notes) {
  std::string text;
  if (!notes.entry.empty() && notes.entry != ".") {
    absl::StrAppend(&text, "read from entry '", notes.entry, "'");
    if (!notes.other_entries.empty()) {
      absl::StrAppend(&text, "; also there: ", FirstOf(notes.other_entries), " (--entry chooses)");
    }
    absl::StrAppend(&text, "\n");
  } else if (!notes.other_entries.empty()) {
    absl::StrAppend(&text,
                    "read from the top of the file; also there: ", FirstOf(notes.other_entries),
                    " (--entry chooses)\n");
  }
  if (!notes.prefixes.empty()) {
    absl::StrAppend(&text, "left out of the names: ", absl::StrJoin(notes.prefixes, ", "), "\n");
  }
  for (const auto& [dtype, count] : notes.converted) {
    absl::StrAppend(&text, count, " tensors converted from ", dtype, " to float32\n");
  }
  if (!notes.not_tensors.empty()) {
    absl::StrAppend(&text, notes.not_tensors.size(),
                    " values that are no tensors passed over: ", FirstOf(notes.not_tensors), "\n");
  }
  if (!notes.foreign.empty()) {
    absl::StrAppend(&text, "objects passed over, never built: ", FirstOf(notes.foreign), "\n");
  }
  return text;
}

Json TensorsJson(const std::vector<supernet::OfaName>& mapped) {
  Json tensors = Json::array();
  for (const supernet::OfaName& name : mapped) {
    tensors.push_back({{"theirs", name.theirs}, {"ours", name.ours}, {"shape", name.shape}});
  }
  return tensors;
}

// Null where they are not known.
Json NamesJson(const interchange::DataFacts& facts) {
  return facts.class_names_known ? Json(facts.metadata.class_names) : Json(nullptr);
}

std::string NamesText(const interchange::DataFacts& facts) {
  if (facts.class_names_known) return data::ClassesText(facts.metadata.class_names);
  return "names unknown, labels of data are taken by position; name them by --classes or --data";
}

}  // namespace

bool IsDefault(const DataOptions& options) {
  return options.data.empty() && options.classes.empty() &&
         options.normalisation == DataOptions().normalisation;
}

void AddDataOptions(CLI::App& command, DataOptions& options) {
  CLI::Option* data = command.add_option("--data", options.data,
                                         "Prepared data file: its classes and normalisation");
  command
      .add_option("--classes", options.classes,
                  "File with a class name on each line, in the order of the outputs; without it "
                  "and --data the names stay unknown")
      ->excludes(data);
  command
      .add_option("--normalisation", options.normalisation,
                  "Of 8-bit values in [0, 1]: imagenet, half, or MEAN,.../DEVIATION,...")
      ->capture_default_str()
      ->excludes(data);
}

void AddEntryOption(CLI::App& command, std::string& entry) {
  command.add_option("--entry", entry,
                     "Which of several state dicts in a checkpoint, such as state_dict_ema; "
                     "\".\" is the top");
}

absl::StatusOr<interchange::DataFacts> ReadDataFacts(const DataOptions& options,
                                                     const arch::SearchSpace& space) {
  if (!options.data.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto data, data::PreparedData::Open(options.data));
    return interchange::DataFacts{data->metadata(), data->digest()};
  }
  std::vector<std::string> classes;
  if (!options.classes.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(classes, ReadLines(options.classes));
  }
  return interchange::DescribeData(space, std::move(classes), options.normalisation);
}

void ReportImport(Session& session, const interchange::ImportSummary& summary,
                  const std::string& path, bool verbose) {
  const arch::Graph largest = arch::BuildGraph(summary.space, arch::MaxSubnet(summary.space));
  if (session.json()) {
    session.PrintJson(Json{{"file", path},
                           {"digest", summary.digest},
                           {"space", summary.space.name()},
                           {"classes", summary.space.num_classes()},
                           {"class_names", NamesJson(summary.facts)},
                           {"macs", arch::CountMacs(largest)},
                           {"params", arch::CountParams(largest)},
                           {"mapped", summary.mapped.size()},
                           {"ignored", summary.ignored},
                           {"entry", summary.notes.entry},
                           {"other_entries", summary.notes.other_entries},
                           {"prefixes", summary.notes.prefixes},
                           {"converted", summary.notes.converted},
                           {"not_tensors", summary.notes.not_tensors},
                           {"foreign", summary.notes.foreign},
                           {"tensors", TensorsJson(summary.mapped)}});
    return;
  }
  if (verbose) {
    Table table({{"CHECKPOINT"}, {"NIWAKI"}, {"SHAPE"}});
    for (const supernet::OfaName& name : summary.mapped) {
      table.AddRow({name.theirs, name.ours, tensorfile::ShapeText(name.shape)});
    }
    for (const std::string& name : summary.ignored) table.AddRow({name, "(not needed)", "[]"});
    session.out() << table.ToString();
  }
  session.out() << NotesText(summary.notes) << path << ": " << summary.mapped.size()
                << " tensors of '" << summary.space.name() << "' ("
                << FormatCount(arch::CountMacs(largest)) << " MACs, "
                << FormatCount(arch::CountParams(largest)) << " parameters, "
                << summary.space.num_classes() << " classes)";
  if (!summary.ignored.empty()) {
    session.out() << ", " << summary.ignored.size() << " counters not needed";
  }
  session.out() << "\nclasses: " << NamesText(summary.facts);
  session.out() << "\ndigest: " << summary.digest << "\n";
}

}  // namespace niwaki::cli
