// Where a figure comes from. Figures of different provenance are never added up.

#ifndef NIWAKI_LIBS_LATENCY_PROVENANCE_H_
#define NIWAKI_LIBS_LATENCY_PROVENANCE_H_

#include "absl/strings/string_view.h"

namespace niwaki::latency {

// Values are stored in databases: never renumber.
enum class Provenance {
  // Nothing is known: there is no figure. Never stored.
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

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_PROVENANCE_H_
