// Provenance: where a figure comes from. Figures of different provenance are never added up.

#ifndef NIWAKI_LIBS_COST_PROVENANCE_H_
#define NIWAKI_LIBS_COST_PROVENANCE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace niwaki::cost {

// Values are stored in databases: never renumber. Those of the wire are the same.
enum class Provenance {
  // Nothing is known: there is no figure.
  kUnknown = 0,
  // Computed by the code that also emits the firmware.
  kExact = 1,
  // Read from a real board.
  kMeasured = 2,
  // Counted on an emulated board.
  kEmulated = 3,
  // From a fitted model.
  kPredicted = 4,
};

// "UNKNOWN", "EXACT", "MEASURED", "EMULATED", "PREDICTED".
constexpr absl::string_view ProvenanceName(Provenance provenance) {
  switch (provenance) {
    case Provenance::kUnknown:
      return "UNKNOWN";
    case Provenance::kExact:
      return "EXACT";
    case Provenance::kMeasured:
      return "MEASURED";
    case Provenance::kEmulated:
      return "EMULATED";
    case Provenance::kPredicted:
      return "PREDICTED";
  }
  return "";
}

// The provenance with a stored number; nullopt for a number that has no meaning.
constexpr std::optional<Provenance> ProvenanceFromNumber(int64_t number) {
  if (number < 0 || number > static_cast<int64_t>(Provenance::kPredicted)) return std::nullopt;
  return static_cast<Provenance>(number);
}

}  // namespace niwaki::cost

#endif  // NIWAKI_LIBS_COST_PROVENANCE_H_
