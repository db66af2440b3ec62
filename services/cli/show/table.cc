#include "services/cli/show/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"

namespace niwaki::cli {

size_t DisplayWidth(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::AddRow(std::vector<std::string> cells) {
  NIWAKI_CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells) {
    for (char& c : cell) {
      if ((c >= 0 && c < 0x20) || c == 0x7f) c = ' ';
    }
  }
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<std::string> titles;
  std::vector<size_t> widths;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(DisplayWidth(column.title));
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }

  std::string text = FormatRow(titles, widths);
  for (const auto& row : rows_) text += FormatRow(row, widths);
  return text;
}

std::string Table::FormatRow(const std::vector<std::string>& cells,
                             const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(cells[i]), ' ');
    if (i > 0) line += "  ";
    absl::StrAppend(&line,
                    columns_[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace niwaki::cli
