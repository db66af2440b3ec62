#include "libs/measure/checks.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::measure {
namespace {

constexpr size_t kMaxName = 63;
constexpr size_t kMaxText = 200;
constexpr int kMaxTags = 32;
constexpr int kMaxPriority = 1000;
constexpr int kMaxInputs = 64;
constexpr int kMaxOperators = 512;
constexpr int kMaxSamples = 64;
constexpr double kMaxCount = 1e15;
constexpr char kBoards[] = "boards/";
constexpr char kMeasurements[] = "measurements/";

bool IsLower(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

absl::Status CheckBoardName(absl::string_view field, absl::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxName && IsLower(name[0]);
  for (const char c : name) good = good && (IsLower(c) || c == '-' || c == '_');
  if (good) return absl::OkStatus();
  return InvalidValue(
      field, name.substr(0, 100),
      "1 to 63 lower-case letters, digits, '-' and '_', the first a letter or digit");
}

absl::Status CheckDigest(absl::string_view field, absl::string_view digest) {
  if (IsSha256Hex(digest)) return absl::OkStatus();
  return InvalidValue(field, digest.substr(0, 100), "SHA-256 in hexadecimal");
}

absl::Status CheckText(absl::string_view field, absl::string_view text) {
  if (text.size() <= kMaxText) return absl::OkStatus();
  return InvalidValue(field, text.substr(0, 100), absl::StrCat("at most ", kMaxText, " bytes"));
}

absl::Status CheckTags(absl::string_view field,
                       const google::protobuf::RepeatedPtrField<std::string>& tags) {
  NIWAKI_RETURN_IF_ERROR(CheckRange(field, tags.size(), 0, kMaxTags));
  for (const std::string& tag : tags) NIWAKI_RETURN_IF_ERROR(CheckName(field, tag));
  return absl::OkStatus();
}

absl::Status Mismatch(absl::string_view field, const absl::AlphaNum& value,
                      const absl::AlphaNum& registered) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch)
      .Field(field)
      .Value(value)
      .Limit(registered)
      .Message(absl::StrCat("the board says that its ", field, " is '", value.Piece(),
                            "', but it is registered with '", registered.Piece(), "'"));
}

absl::Status CheckOperators(const v1::OperatorsMeasurement& operators) {
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("spec.operators.operators", operators.operators_size(), 1, kMaxOperators));
  NIWAKI_RETURN_IF_ERROR(CheckRange("spec.operators.samples", operators.samples(), 0, kMaxSamples));
  if (operators.table_device().empty()) {
    return InvalidValue("spec.operators.table_device", "", "devices/{device}");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const v1::OperatorToMeasure& op : operators.operators()) {
    if (op.signature().empty() || op.signature().size() > kMaxText) {
      return InvalidValue("spec.operators.operators.signature", op.signature().substr(0, 100),
                          absl::StrCat("1 to ", kMaxText, " bytes"));
    }
    NIWAKI_RETURN_IF_ERROR(CheckText("spec.operators.operators.form", op.form()));
    if (!seen.insert({op.signature(), op.form()}).second) {
      return InvalidValue("spec.operators.operators", op.signature(), "each once");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFigure(absl::string_view field, double value, double least) {
  if (std::isfinite(value) && value >= least && value <= kMaxCount) return absl::OkStatus();
  return InvalidValue(field, value, absl::StrCat("from ", least, " to ", kMaxCount));
}

}  // namespace

absl::Status CheckName(absl::string_view field, absl::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '@');
  }
  if (good) return absl::OkStatus();
  return InvalidValue(field, name.substr(0, 100), "1 to 63 letters, digits, '-', '_', '.' and '@'");
}

absl::Status CheckDescription(const v1::BoardDescription& board) {
  NIWAKI_RETURN_IF_ERROR(CheckBoardName("board.name", board.name()));
  NIWAKI_RETURN_IF_ERROR(CheckName("board.type", board.type()));
  NIWAKI_RETURN_IF_ERROR(CheckName("board.core", board.core()));
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("board.clock_hz", board.clock_hz(), 0));
  NIWAKI_RETURN_IF_ERROR(CheckTags("board.tags", board.tags()));
  NIWAKI_RETURN_IF_ERROR(CheckText("board.device", board.device()));
  NIWAKI_RETURN_IF_ERROR(CheckText("board.compiler", board.compiler()));
  NIWAKI_RETURN_IF_ERROR(CheckDigest("board.firmware_digest", board.firmware_digest()));
  NIWAKI_RETURN_IF_ERROR(CheckDigest("board.compiler_digest", board.compiler_digest()));
  NIWAKI_RETURN_IF_ERROR(CheckText("board.placement", board.placement()));
  NIWAKI_RETURN_IF_ERROR(CheckText("board.kernel_set", board.kernel_set()));
  NIWAKI_RETURN_IF_ERROR(CheckText("board.engine_version", board.engine_version()));
  if (board.provenance() == v1::PROVENANCE_EMULATED ||
      board.provenance() == v1::PROVENANCE_MEASURED) {
    return absl::OkStatus();
  }
  return InvalidValue("board.provenance", v1::Provenance_Name(board.provenance()),
                      "EMULATED or MEASURED");
}

absl::Status CheckSpec(const v1::MeasurementSpec& spec) {
  if (!spec.has_network() && !spec.has_operators()) {
    return InvalidValue("spec.kind", "", "a network or operators");
  }
  if (!spec.board().empty()) NIWAKI_RETURN_IF_ERROR(BoardId(spec.board()).status());
  if (!spec.core().empty()) NIWAKI_RETURN_IF_ERROR(CheckName("spec.core", spec.core()));
  if (!spec.reservation().empty()) {
    NIWAKI_RETURN_IF_ERROR(CheckName("spec.reservation", spec.reservation()));
  }
  NIWAKI_RETURN_IF_ERROR(CheckTags("spec.tags", spec.tags()));
  NIWAKI_RETURN_IF_ERROR(CheckRange("spec.priority", spec.priority(), -kMaxPriority, kMaxPriority));
  if (spec.has_operators()) return CheckOperators(spec.operators());
  const v1::NetworkMeasurement& network = spec.network();
  NIWAKI_RETURN_IF_ERROR(CheckDigest("spec.network.artifact_digest", network.artifact_digest()));
  NIWAKI_RETURN_IF_ERROR(CheckText("spec.network.schedule", network.schedule()));
  NIWAKI_RETURN_IF_ERROR(CheckRange("spec.network.inputs", network.inputs(), 0, kMaxInputs));
  if (network.inputs_digest().empty()) return absl::OkStatus();
  return CheckDigest("spec.network.inputs_digest", network.inputs_digest());
}

absl::Status CheckResult(const v1::MeasurementResult& result, const v1::BoardDescription& board) {
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("result.count", result.count(), 1));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("result.count", result.count(), result.count_low(), result.count_high()));
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("result.clock_hz", result.clock_hz(), 1));
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("result.flash_writes", result.flash_writes(), 0));
  NIWAKI_RETURN_IF_ERROR(CheckDigest("result.outputs_digest", result.outputs_digest()));
  for (const v1::OperatorFigure& op : result.operators()) {
    NIWAKI_RETURN_IF_ERROR(CheckAtLeast("result.operators.count", op.count(), 0));
  }
  if (result.provenance() != board.provenance()) {
    return Mismatch("provenance", v1::Provenance_Name(result.provenance()),
                    v1::Provenance_Name(board.provenance()));
  }
  if (result.firmware_digest() != board.firmware_digest()) {
    return Mismatch("firmware_digest", result.firmware_digest(), board.firmware_digest());
  }
  if (result.compiler_digest() != board.compiler_digest()) {
    return Mismatch("compiler_digest", result.compiler_digest(), board.compiler_digest());
  }
  if (board.clock_hz() > 0 && result.clock_hz() != board.clock_hz()) {
    return Mismatch("clock_hz", result.clock_hz(), board.clock_hz());
  }
  return absl::OkStatus();
}

absl::Status CheckMeasured(const v1::OperatorsMeasurement& wanted,
                           const v1::MeasurementResult& result) {
  if (result.measured_size() != wanted.operators_size()) {
    return InvalidValue("result.measured", result.measured_size(),
                        absl::StrCat("as many as asked for: ", wanted.operators_size()));
  }
  const bool emulated = result.provenance() == v1::PROVENANCE_EMULATED;
  const absl::string_view unit = emulated ? "instructions" : "cycles";
  if (result.unit() != unit) return InvalidValue("result.unit", result.unit(), unit);
  for (int i = 0; i < result.measured_size(); ++i) {
    const v1::MeasuredOperator& one = result.measured(i);
    if (one.op().signature() != wanted.operators(i).signature() ||
        one.op().form() != wanted.operators(i).form()) {
      return InvalidValue("result.measured.op", one.op().signature().substr(0, 100),
                          wanted.operators(i).signature());
    }
    NIWAKI_RETURN_IF_ERROR(CheckRange("result.measured.samples", one.samples(), 0, kMaxSamples));
    if (one.samples() == 0) continue;
    NIWAKI_RETURN_IF_ERROR(CheckFigure("result.measured.count", one.count(), 1));
    NIWAKI_RETURN_IF_ERROR(CheckFigure("result.measured.spread", one.spread(), 0));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BoardId(absl::string_view name) {
  absl::string_view id = name;
  if (!absl::ConsumePrefix(&id, kBoards)) {
    return InvalidValue("name", name.substr(0, 100), "boards/{board}");
  }
  NIWAKI_RETURN_IF_ERROR(CheckBoardName("name", id));
  return std::string(id);
}

std::string MeasurementName(int64_t uid) { return absl::StrCat(kMeasurements, uid); }

absl::StatusOr<int64_t> MeasurementUid(absl::string_view name) {
  absl::string_view id = name;
  int64_t uid = 0;
  if (absl::ConsumePrefix(&id, kMeasurements) && absl::SimpleAtoi(id, &uid) && uid > 0 &&
      MeasurementName(uid) == name) {
    return uid;
  }
  return InvalidValue("name", name.substr(0, 100), "measurements/{number}");
}

}  // namespace niwaki::measure
