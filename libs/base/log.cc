#include "libs/base/log.h"

#include <stdio.h>
#include <stdlib.h>

#include <atomic>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace niwaki {
namespace {

std::atomic<Severity> min_severity{Severity::kInfo};

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "";
}

bool NeedsQuotes(absl::string_view value) {
  if (value.empty()) return true;
  for (unsigned char c : value) {
    if (c <= ' ' || c == '"' || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

void SetMinLogSeverity(Severity severity) { min_severity = severity; }

std::string FormatLogLine(Severity severity, absl::string_view event,
                          std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(Name(severity), " ", event);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=",
                    NeedsQuotes(field.value) ? absl::StrCat("\"", absl::CEscape(field.value), "\"")
                                             : field.value);
  }
  return line;
}

void Log(Severity severity, absl::string_view event, std::initializer_list<LogField> fields) {
  if (severity < min_severity.load()) return;
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  // One write, so that lines of several threads do not mix.
  const std::string line = absl::StrCat(time, " ", FormatLogLine(severity, event, fields), "\n");
  fwrite(line.data(), 1, line.size(), stderr);
}

void CheckFailed(const char* file, int line, const char* condition) {
  Log(Severity::kError, "check_failed",
      {{"at", absl::StrCat(file, ":", line)}, {"check", condition}});
  abort();
}

}  // namespace niwaki
