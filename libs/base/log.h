// One line per state change on standard error: `2026-01-02T03:04:05.678Z INFO event key=value`.
//
//   Log(Severity::kInfo, "lease_granted", {{"candidate", id}, {"worker", worker}});

#ifndef NIWAKI_LIBS_BASE_LOG_H_
#define NIWAKI_LIBS_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace niwaki {

enum class Severity { kDebug, kInfo, kWarning, kError };

struct LogField {
  LogField(absl::string_view k, const absl::AlphaNum& v) : key(k), value(v.Piece()) {}
  std::string key;
  std::string value;
};

// Lines below this severity are dropped; kInfo at start.
void SetMinLogSeverity(Severity severity);

// Thread-safe; values with blanks or control characters are quoted.
void Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields = {});

// The line that Log writes, without time and line end.
std::string FormatLogLine(Severity severity, absl::string_view event,
                          std::initializer_list<LogField> fields);

}  // namespace niwaki

// Ends the process with the place and the text: for what only a defect of ours can cause.
#define NIWAKI_CHECK(condition)                                              \
  do {                                                                       \
    if (!(condition)) ::niwaki::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)

namespace niwaki {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_LOG_H_
