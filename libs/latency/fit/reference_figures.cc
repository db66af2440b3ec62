#include "libs/latency/fit/reference_figures.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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

// [h, h, ci] → [h, h, co].
KernelFigure Pointwise(const std::string& name, int ci, int co, int h, double per_mac) {
  const double pixels = static_cast<double>(h) * h;
  const Work work{pixels * ci * co, pixels * ci, pixels * co, static_cast<double>(ci) * co};
  return {name, "pointwise_conv", work, per_mac * work.macs};
}

// The table's depthwise kernels all run on 48 channels of 40 x 40.
KernelFigure Depthwise(const std::string& name, int kernel, int stride, double per_mac) {
  constexpr double kChannels = 48;
  constexpr int kSide = 40;
  const int out_side = (kSide - 1) / stride + 1;
  const double outputs = out_side * out_side * kChannels;
  const Work work{outputs * kernel * kernel, kSide * kSide * kChannels, outputs,
                  kernel * kernel * kChannels};
  return {name, "depthwise_conv", work, per_mac * work.macs};
}

void ReadKernelRow(const std::vector<std::string>& cells, std::vector<KernelFigure>& kernels) {
  if (cells.size() < 2) return;
  absl::string_view name = cells[0];
  absl::ConsumePrefix(&name, "pointwise ");
  absl::ConsumePrefix(&name, "depthwise ");
  const std::string text(name);
  int a = 0;
  int b = 0;
  int side = 0;
  double first = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%d>%d @%d", &a, &b, &side) == 3) {
    kernels.push_back(Pointwise(text, a, b, side, NumberOr0(cells[1])));
  } else if (std::sscanf(text.c_str(), "%dx%d s1 / s2", &a, &b) == 2 &&
             std::sscanf(cells[1].c_str(), "%lf / %lf", &first, &second) == 2) {
    kernels.push_back(Depthwise(text + " (s1)", a, 1, first));
    kernels.push_back(Depthwise(text + " (s2)", a, 2, second));
  } else if (std::sscanf(text.c_str(), "first 3x3 s2, %d>%d", &a, &b) == 2) {
    // Per MAC, so any size will do.
    const Work work{9.0 * a * b, 4.0 * a, 1.0 * b, 9.0 * a * b};
    kernels.push_back({text, "conv", work, NumberOr0(cells[1]) * work.macs});
  } else if (absl::StartsWith(text, "add (per element)")) {
    kernels.push_back({text, "add", {0, 2, 1, 0}, NumberOr0(cells[1])});
  }
}

void ReadNetworkRow(const std::vector<std::string>& cells, std::map<std::string, double>& nets) {
  if (cells.size() < 2) return;
  const std::string name = cells[0].substr(0, cells[0].find(' '));
  const double millions = NumberOr0(cells[1]);
  if (millions <= 0) return;
  if (absl::StartsWith(name, "in") || absl::StartsWith(name, "vww")) {
    nets["mcunet-" + name] = millions * 1e6;
  } else if (name == "proxyless-w0.3") {
    nets["proxyless-w0.3-r176"] = millions * 1e6;
  }
}

std::string ShortBoard(const std::string& board) {
  for (const char* name : {"F746", "H7A3", "L4R5"}) {
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
    if (absl::StartsWith(section, "Kernels")) ReadKernelRow(Cells(line), figures.kernels);
    if (absl::StartsWith(section, "Whole networks")) {
      ReadNetworkRow(Cells(line), figures.instructions);
    }
  }
  constexpr size_t kKernels = 14;
  constexpr size_t kNetworks = 9;
  if (figures.kernels.size() == kKernels && figures.instructions.size() == kNetworks) {
    return figures;
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("engine/figures.md")
      .Message(absl::StrCat("found ", figures.kernels.size(), " kernels and ",
                            figures.instructions.size(), " networks, expected ", kKernels, " and ",
                            kNetworks));
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
