#include "libs/board/emulator/firmware_output.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

// A microcontroller's network has far less of each.
constexpr uint64_t kMaxOperators = 1 << 16;
constexpr uint64_t kMaxOutputBytes = 64 << 20;

absl::Status Broken(absl::string_view line, absl::string_view wanted) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("firmware output")
      .Value(line.substr(0, 80))
      .Limit(wanted)
      .Message(absl::StrCat("the firmware printed '", line.substr(0, 80), "' where '", wanted,
                            "' was expected"));
}

// Reads line by line.
class Parser {
 public:
  explicit Parser(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

  absl::StatusOr<FirmwareOutput> Parse() {
    if (Line() != "niwaki-firmware 1") return Broken(Line(), "niwaki-firmware 1");
    ++next_;
    FirmwareOutput result;
    while (absl::StartsWith(Line(), "operator ")) {
      NIWAKI_ASSIGN_OR_RETURN(const uint64_t index, Number("operator ", kMaxOperators));
      NIWAKI_ASSIGN_OR_RETURN(const uint64_t ticks, Number("took ", UINT64_MAX));
      if (index >= result.operator_ticks.size()) result.operator_ticks.resize(index + 1);
      result.operator_ticks[index] = ticks;
    }
    if (absl::StartsWith(Line(), "sensor ")) {
      NIWAKI_ASSIGN_OR_RETURN(result.sensor_ticks, Number("sensor ", UINT64_MAX));
    }
    NIWAKI_ASSIGN_OR_RETURN(result.ticks, Number("ticks ", UINT64_MAX));
    NIWAKI_ASSIGN_OR_RETURN(result.stack_bytes, Number("stack ", kMaxOutputBytes));
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t bytes, Number("output ", kMaxOutputBytes));
    NIWAKI_RETURN_IF_ERROR(ReadBytes(bytes, result.output));
    if (Line() != "end") return Broken(Line(), "end");
    return result;
  }

 private:
  absl::string_view Line() const { return next_ < lines_.size() ? lines_[next_] : ""; }

  absl::StatusOr<uint64_t> Number(absl::string_view name, uint64_t largest) {
    absl::string_view rest = Line();
    uint64_t value = 0;
    if (!absl::ConsumePrefix(&rest, name) || !absl::SimpleAtoi(rest, &value) || value > largest) {
      return Broken(Line(), absl::StrCat(name, "NUMBER"));
    }
    ++next_;
    return value;
  }

  absl::Status ReadBytes(uint64_t count, std::vector<int8_t>& bytes) {
    while (bytes.size() < count) {
      const absl::string_view line = Line();
      const bool whole = !line.empty() && line.size() % 2 == 0 &&
                         bytes.size() + line.size() / 2 <= count &&
                         line.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
      if (!whole) return Broken(line, "bytes in hexadecimal");
      for (const char byte : absl::HexStringToBytes(line)) {
        bytes.push_back(static_cast<int8_t>(byte));
      }
      ++next_;
    }
    return absl::OkStatus();
  }

  const std::vector<absl::string_view> lines_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<FirmwareOutput> ParseFirmwareOutput(absl::string_view text) {
  return Parser(text).Parse();
}

}  // namespace niwaki::board
