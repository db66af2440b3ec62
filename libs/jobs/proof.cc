#include "libs/jobs/proof.h"

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobs {
namespace {

constexpr double kMicroseconds = 1e6;

absl::Status CheckDigest(absl::string_view field, const std::string& digest) {
  if (IsSha256Hex(digest)) return absl::OkStatus();
  return InvalidValue(field, digest.substr(0, 100), "64 lower-case hexadecimal characters");
}

absl::Status Damaged(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("figures")
      .Message(absl::StrCat("stored figures of a board are damaged: ", what));
}

// The fields of BoardFigures by their stored names.
template <typename Figures, typename Text, typename Number>
void VisitFields(Figures& figures, const Text& text, const Number& number) {
  text("board", figures.board);
  text("unit", figures.unit);
  number("count", figures.count);
  number("count_low", figures.count_low);
  number("count_high", figures.count_high);
  number("inputs", figures.inputs);
  number("clock_hz", figures.clock_hz);
  number("arena_bytes", figures.arena_bytes);
  number("sram_bytes", figures.sram_bytes);
  number("flash_bytes", figures.flash_bytes);
  number("stack_bytes", figures.stack_bytes);
  text("schedule", figures.schedule);
  text("outputs_digest", figures.outputs_digest);
  text("bill_digest", figures.bill_digest);
  text("firmware_digest", figures.firmware_digest);
  text("compiler_digest", figures.compiler_digest);
}

}  // namespace

absl::string_view ProofMembersName(ProofMembers members) {
  switch (members) {
    case ProofMembers::kFront:
      return "front";
    case ProofMembers::kBest:
      return "best";
    case ProofMembers::kNone:
      return "none";
  }
  return "unknown";
}

std::optional<ProofMembers> ProofMembersFromName(absl::string_view name) {
  for (const ProofMembers members :
       {ProofMembers::kFront, ProofMembers::kBest, ProofMembers::kNone}) {
    if (name == ProofMembersName(members)) return members;
  }
  return std::nullopt;
}

std::optional<int64_t> ProofSpec::limit() const {
  switch (members) {
    case ProofMembers::kNone:
      return 0;
    case ProofMembers::kBest:
      return 1;
    case ProofMembers::kFront:
      break;
  }
  return max_members == 0 ? std::nullopt : std::optional<int64_t>(max_members);
}

absl::Status ValidateProofSpec(const ProofSpec& spec) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("spec.proof.extra_slots", spec.extra_slots, 0, kMaxExtraSlots));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("spec.proof.max_members", spec.max_members, 0, kMaxProofMembers));
  if (spec.max_members == 0 || spec.members == ProofMembers::kFront) return absl::OkStatus();
  return InvalidValue("spec.proof.max_members", spec.max_members,
                      absl::StrCat("unset where members is ", ProofMembersName(spec.members)));
}

absl::string_view ProofStateName(ProofState state) {
  switch (state) {
    case ProofState::kPending:
      return "PENDING";
    case ProofState::kLeased:
      return "LEASED";
    case ProofState::kQuantised:
      return "QUANTISED";
    case ProofState::kMeasuring:
      return "MEASURING";
    case ProofState::kProven:
      return "PROVEN";
    case ProofState::kRefused:
      return "REFUSED";
    case ProofState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

bool MayBecome(ProofState from, ProofState to) {
  switch (from) {
    case ProofState::kPending:
      return to == ProofState::kLeased || to == ProofState::kQuantised;
    case ProofState::kLeased:
      return to == ProofState::kPending || to == ProofState::kQuantised ||
             to == ProofState::kFailed;
    case ProofState::kQuantised:
      return to == ProofState::kMeasuring || to == ProofState::kProven;
    case ProofState::kMeasuring:
      return to == ProofState::kQuantised || to == ProofState::kProven || to == ProofState::kFailed;
    case ProofState::kProven:
    case ProofState::kFailed:
      return to == ProofState::kRefused;
    case ProofState::kRefused:
      return false;
  }
  return false;
}

bool IsUnderWay(ProofState state) {
  return state == ProofState::kPending || state == ProofState::kLeased ||
         state == ProofState::kQuantised || state == ProofState::kMeasuring;
}

absl::Status ValidateInt8Network(const Int8Network& network) {
  NIWAKI_RETURN_IF_ERROR(CheckDigest("network.digest", network.digest));
  NIWAKI_RETURN_IF_ERROR(CheckDigest("network.quantise_key", network.quantise_key));
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("network.quantiser_version", network.quantiser_version, 1));
  NIWAKI_RETURN_IF_ERROR(ValidateScore(network.score));
  return network.test_score.has_value() ? ValidateScore(*network.test_score) : absl::OkStatus();
}

bool SameNetwork(const Int8Network& a, const Int8Network& b) {
  const ScoreTolerance tolerance = ToleranceOf(kCpuF32);
  if (a.digest != b.digest || a.quantise_key != b.quantise_key ||
      a.test_score.has_value() != b.test_score.has_value()) {
    return false;
  }
  return SameScore(a.score, b.score, tolerance) &&
         (!a.test_score.has_value() || SameScore(*a.test_score, *b.test_score, tolerance));
}

cost::Figure BoardFigures::latency_us() const {
  if (provenance != cost::Provenance::kMeasured || unit != "cycles" || clock_hz <= 0) return {};
  const double each = kMicroseconds / static_cast<double>(clock_hz);
  return cost::Figure::Of(count * each, count_low * each, count_high * each, provenance);
}

std::string BoardFiguresToJson(const BoardFigures& figures) {
  Json json = {{"provenance", static_cast<int64_t>(figures.provenance)}};
  const auto put = [&](const char* name, const auto& value) { json[name] = value; };
  VisitFields(figures, put, put);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<BoardFigures> BoardFiguresFromJson(absl::string_view text) {
  const absl::StatusOr<Json> json = ParseJson(text, "stored figures");
  if (!json.ok()) return Damaged(json.status().message());
  BoardFigures figures;
  try {
    const auto provenance = cost::ProvenanceFromNumber(Integer<int64_t>(json->at("provenance")));
    if (!provenance.has_value()) return Damaged("there is no such provenance");
    figures.provenance = *provenance;
    VisitFields(
        figures, [&](const char* name, std::string& value) { value = json->at(name); },
        [&](const char* name, int64_t& value) { value = Integer<int64_t>(json->at(name)); });
  } catch (const Json::exception& error) {
    return Damaged(JsonErrorText(error));
  }
  return figures;
}

int64_t& ProofCounters::Of(ProofState state) {
  switch (state) {
    case ProofState::kPending:
      return pending;
    case ProofState::kLeased:
      return leased;
    case ProofState::kQuantised:
      return quantised;
    case ProofState::kMeasuring:
      return measuring;
    case ProofState::kProven:
      return proven;
    case ProofState::kRefused:
      return refused;
    case ProofState::kFailed:
      break;
  }
  return failed;
}

}  // namespace niwaki::jobs
