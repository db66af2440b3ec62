// A table for people: aligned columns, numbers to the right.

#ifndef NIWAKI_SERVICES_CLI_SHOW_TABLE_H_
#define NIWAKI_SERVICES_CLI_SHOW_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Columns are two blanks apart and as wide as their widest cell in code points; the last one is not
// padded. Cells keep their text, but control characters become blanks. Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // `cells.size()` must be the number of columns.
  void AddRow(std::vector<std::string> cells);

  size_t num_rows() const { return rows_.size(); }

  // Title line and rows, each ending with a line end.
  std::string ToString() const;

 private:
  std::string FormatRow(const std::vector<std::string>& cells,
                        const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Code points of UTF-8 text: the columns it takes on a terminal, wide and combining characters
// aside.
size_t DisplayWidth(absl::string_view text);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_TABLE_H_
