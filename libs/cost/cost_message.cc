#include "libs/cost/cost_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::cost {
namespace {

constexpr char kProvenances[] = "EXACT (1), MEASURED (2), EMULATED (3) or PREDICTED (4)";

constexpr size_t kMaxNameBytes = 63;
constexpr char kNameLimit[] = "at most 63 of lower-case letters, digits and '_'";

// Whether a schedule may be called so; one that is not recorded may.
bool IsName(absl::string_view name) {
  return name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value, " is not ", limit));
}

void ToMessage(const Figure& figure, v1::Figure& message) {
  message.set_value(figure.value());
  message.set_low(figure.low());
  message.set_high(figure.high());
  message.set_provenance(ToMessage(figure.provenance()));
}

// Whether it is how an unknown figure was sent before it was left out.
bool IsEmpty(const v1::Figure& figure) {
  return figure.value() == 0 && figure.low() == 0 && figure.high() == 0 &&
         figure.provenance() == v1::PROVENANCE_UNSPECIFIED;
}

}  // namespace

v1::Provenance ToMessage(Provenance provenance) {
  switch (provenance) {
    case Provenance::kUnknown:
      return v1::PROVENANCE_UNSPECIFIED;
    case Provenance::kExact:
      return v1::PROVENANCE_EXACT;
    case Provenance::kMeasured:
      return v1::PROVENANCE_MEASURED;
    case Provenance::kEmulated:
      return v1::PROVENANCE_EMULATED;
    case Provenance::kPredicted:
      return v1::PROVENANCE_PREDICTED;
  }
  return v1::PROVENANCE_UNSPECIFIED;
}

absl::StatusOr<Provenance> ProvenanceFromMessage(int number, absl::string_view field) {
  switch (number) {
    case v1::PROVENANCE_EXACT:
      return Provenance::kExact;
    case v1::PROVENANCE_MEASURED:
      return Provenance::kMeasured;
    case v1::PROVENANCE_EMULATED:
      return Provenance::kEmulated;
    case v1::PROVENANCE_PREDICTED:
      return Provenance::kPredicted;
    default:
      return Wrong(field, number, kProvenances);
  }
}

absl::StatusOr<Figure> FigureFromMessage(const v1::Figure& figure, absl::string_view field) {
  if (IsEmpty(figure)) return Figure();
  const absl::StatusOr<Provenance> provenance =
      ProvenanceFromMessage(figure.provenance(), absl::StrCat(field, ".provenance"));
  if (!provenance.ok()) return provenance.status();
  return Figure::Create(field, figure.value(), figure.low(), figure.high(), *provenance);
}

void ToMessage(const Cost& cost, v1::Cost& message) {
  message.set_sram_bytes(cost.sram_bytes);
  message.set_flash_bytes(cost.flash_bytes);
  message.set_macs(cost.macs);
  message.set_params(cost.params);
  if (cost.latency_us.known()) ToMessage(cost.latency_us, *message.mutable_latency_us());
  if (cost.energy_mj.known()) ToMessage(cost.energy_mj, *message.mutable_energy_mj());
  message.set_schedule(cost.schedule);
}

void ToMessage(const ScheduleCost& cost, v1::ScheduleCost& message) {
  message.set_name(cost.name);
  message.set_sram_bytes(cost.sram_bytes);
  message.set_flash_bytes(cost.flash_bytes);
  message.set_slowdown(cost.slowdown);
  if (cost.latency_us.known()) ToMessage(cost.latency_us, *message.mutable_latency_us());
}

absl::StatusOr<Cost> CostFromMessage(const v1::Cost& message) {
  const struct {
    absl::string_view field;
    int64_t value;
    int64_t Cost::*member;
  } counts[] = {{"sram_bytes", message.sram_bytes(), &Cost::sram_bytes},
                {"flash_bytes", message.flash_bytes(), &Cost::flash_bytes},
                {"macs", message.macs(), &Cost::macs},
                {"params", message.params(), &Cost::params}};
  Cost cost;
  for (const auto& count : counts) {
    if (count.value < 0) return Wrong(count.field, count.value, "from 0");
    cost.*count.member = count.value;
  }
  NIWAKI_ASSIGN_OR_RETURN(cost.latency_us, FigureFromMessage(message.latency_us(), "latency_us"));
  NIWAKI_ASSIGN_OR_RETURN(cost.energy_mj, FigureFromMessage(message.energy_mj(), "energy_mj"));
  if (!IsName(message.schedule())) {
    return Wrong("schedule", absl::StrCat("of ", message.schedule().size(), " bytes"), kNameLimit);
  }
  cost.schedule = message.schedule();
  return cost;
}

}  // namespace niwaki::cost
