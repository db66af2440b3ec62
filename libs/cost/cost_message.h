// Costs and the messages of cost.proto, both ways: the one place where they are read and written.

#ifndef NIWAKI_LIBS_COST_COST_MESSAGE_H_
#define NIWAKI_LIBS_COST_COST_MESSAGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/cost/cost.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "proto/niwaki/v1/cost.pb.h"

namespace niwaki::cost {

// PROVENANCE_UNSPECIFIED for kUnknown.
v1::Provenance ToMessage(Provenance provenance);

// Of something known. InvalidArgument with reason ARGUMENT_INVALID, `field` and the number for
// PROVENANCE_UNSPECIFIED and for numbers that this version does not know.
absl::StatusOr<Provenance> ProvenanceFromMessage(int number, absl::string_view field);

// Whether there is a figure: an absent member is read as one without a provenance.
inline bool IsKnown(const v1::Figure& figure) {
  return figure.provenance() != v1::PROVENANCE_UNSPECIFIED;
}

// A message with every member 0 is one of before, when what is not known was sent so, and not
// known. The errors of ProvenanceFromMessage and Figure::Create.
absl::StatusOr<Figure> FigureFromMessage(const v1::Figure& figure, absl::string_view field);

// Into `message`, which is empty: figures that are not known stay absent.
void ToMessage(const Cost& cost, v1::Cost& message);

// The same of one of a network's schedules.
void ToMessage(const ScheduleCost& cost, v1::ScheduleCost& message);

// All but the list of schedules. InvalidArgument with reason ARGUMENT_INVALID: `latency_us.value`,
// `sram_bytes`, `schedule` and so on, the value and the limit of the first wrong one.
absl::StatusOr<Cost> CostFromMessage(const v1::Cost& message);

}  // namespace niwaki::cost

#endif  // NIWAKI_LIBS_COST_COST_MESSAGE_H_
