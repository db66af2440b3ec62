#include "libs/base/text/csv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

absl::Status Malformed(absl::string_view place, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(place)
      .Message(absl::StrCat(place, ": ", message));
}

}  // namespace

absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(absl::string_view text,
                                                               absl::string_view what) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  size_t i = 0;
  while (i < text.size()) {
    std::string cell;
    if (text[i] == '"') {
      const size_t begin = ++i;
      while (i < text.size() && (text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"'))) {
        if (text[i] == '"') ++i;
        cell += text[i++];
      }
      const bool closed = i < text.size();
      if (closed) ++i;
      const bool at_end = i == text.size() || text[i] == ',' || text[i] == '\r' || text[i] == '\n';
      if (!closed || !at_end) {
        return Malformed(absl::StrCat(what, " row ", rows.size() + 1),
                         absl::StrCat("the quote at byte ", begin - 1, " is not closed"));
      }
    } else {
      const size_t end = std::min(text.find_first_of(",\r\n", i), text.size());
      cell = std::string(text.substr(i, end - i));
      i = end;
    }
    row.push_back(std::move(cell));
    if (i < text.size() && text[i] == ',') {
      // A comma at the very end of the text stands before one more empty cell.
      if (++i == text.size())
        row.push_back("");
      else if (text[i] == '\r' || text[i] == '\n')
        row.push_back("");
      else
        continue;
    }
    if (i < text.size() && text[i] == '\r') ++i;
    if (i < text.size() && text[i] == '\n') ++i;
    const bool blank = row.size() == 1 && row[0].empty();
    if (!blank) rows.push_back(std::move(row));
    row.clear();
  }
  return rows;
}

}  // namespace niwaki
