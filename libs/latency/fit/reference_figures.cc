#include "libs/latency/fit/reference_figures.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::latency {
namespace {

// Reads one record from `text` (moved on); a record may span lines inside quotes.
std::vector<std::string> ReadRecord(absl::string_view& text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c == '\n' && !quoted) {
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return fields;
}

double NumberOr0(absl::string_view text) {
  double value = 0;
  return absl::SimpleAtod(text, &value) ? value : 0;
}

// Cells of a row of a markdown table, in ASCII.
std::vector<std::string> Cells(absl::string_view line) {
  const std::string ascii =
      absl::StrReplaceAll(line, {{"→", ">"}, {"×", "x"}, {"²", ""}, {"–", "-"}});
  std::vector<std::string> cells = absl::StrSplit(ascii, '|');
  for (std::string& cell : cells) cell = std::string(absl::StripAsciiWhitespace(cell));
  if (!cells.empty()) cells.erase(cells.begin());
  return cells;
}

// The columns of the table of whole networks, but the first.
constexpr struct {
  const char* engine;
  size_t column;
} kEngines[] = {{"TinyEngine", 1}, {"CMSIS-NN", 4}, {"TFLM", 5}};

void ReadNetworkRow(const std::vector<std::string>& cells, EngineFigures& figures) {
  const std::string name = cells[0].substr(0, cells[0].find(' '));
  std::string id;
  if (absl::StartsWith(name, "in") || absl::StartsWith(name, "vww")) id = "mcunet-" + name;
  if (name == "proxyless-w0.3") id = "proxyless-w0.3-r176";
  for (const auto& [engine, column] : kEngines) {
    const double millions = column < cells.size() ? NumberOr0(cells[column]) : 0;
    if (!id.empty() && millions > 0) figures.instructions[engine][id] = millions * 1e6;
  }
}

std::string ShortBoard(const std::string& board) {
  for (const char* name : {"F746", "H7A3", "L4R5", "U575"}) {
    if (absl::StrContains(board, name)) return name;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::vector<CsvRow>> ParseCsv(absl::string_view text) {
  const std::vector<std::string> header = ReadRecord(text);
  std::vector<CsvRow> rows;
  while (!text.empty()) {
    const std::vector<std::string> fields = ReadRecord(text);
    if (fields.size() != header.size()) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
          .Field("csv")
          .Value(fields.size())
          .Limit(header.size())
          .Message(absl::StrCat("row ", rows.size() + 1, " has ", fields.size(), " fields, not ",
                                header.size()));
    }
    CsvRow& row = rows.emplace_back();
    for (size_t i = 0; i < header.size(); ++i) row[header[i]] = fields[i];
  }
  return rows;
}

absl::StatusOr<EngineFigures> ParseEngineFigures(absl::string_view markdown) {
  EngineFigures figures;
  std::string section;
  for (const absl::string_view line : absl::StrSplit(markdown, '\n')) {
    if (absl::StartsWith(line, "## ")) section = std::string(line.substr(3));
    if (!absl::StartsWith(line, "|")) continue;
    if (absl::StartsWith(section, "Whole networks")) ReadNetworkRow(Cells(line), figures);
  }
  constexpr size_t kNetworks = 9;
  const size_t networks = figures.instructions["TinyEngine"].size();
  if (networks == kNetworks) return figures;
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("engine/figures.md")
      .Value(networks)
      .Limit(kNetworks)
      .Message(absl::StrCat("found ", networks, " networks of TinyEngine, expected ", kNetworks));
}

std::map<std::string, double> H743LatenciesMs(const std::vector<CsvRow>& rows,
                                              absl::string_view engine_prefix) {
  std::map<std::string, double> latencies;
  for (const CsvRow& row : rows) {
    const double ms = NumberOr0(row.at("latency_ms"));
    if (absl::StartsWith(row.at("engine"), engine_prefix) && ms > 0) {
      latencies[row.at("net_id")] = ms;
    }
  }
  return latencies;
}

std::vector<MlperfGroup> MlperfGroups(const std::vector<CsvRow>& rows) {
  std::map<std::tuple<std::string, std::string, std::string>, MlperfGroup> groups;
  for (const CsvRow& row : rows) {
    const std::string& benchmark = row.at("benchmark");
    const std::string board = ShortBoard(row.at("board"));
    const double ms = NumberOr0(row.at("latency_ms"));
    const double mhz = NumberOr0(row.at("frequency").substr(0, row.at("frequency").find(' ')));
    // The clocks of v1.3 are not those of the latencies.
    if (board.empty() || ms <= 0 || mhz <= 0 || row.at("division") != "closed" ||
        row.at("round") == "v1.3" || row.at("submitter") == "Krai" ||
        (benchmark != "ic" && benchmark != "kws" && benchmark != "vww")) {
      continue;
    }
    MlperfGroup& group = groups[{row.at("round"), row.at("submitter"), benchmark}];
    group.round = row.at("round");
    group.submitter = row.at("submitter");
    group.benchmark = benchmark;
    double& cycles = group.cycles[board];
    const double now = ms * mhz * 1e3;
    cycles = cycles == 0 ? now : std::min(cycles, now);
  }
  std::vector<MlperfGroup> list;
  for (const auto& [key, group] : groups) {
    if (group.cycles.size() > 1) list.push_back(group);
  }
  return list;
}

}  // namespace niwaki::latency
