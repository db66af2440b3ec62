// Costs as people read them.

#ifndef NIWAKI_SERVICES_CLI_SHOW_COST_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_COST_TEXT_H_

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "proto/niwaki/v1/cost.pb.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {

// "exact", "measured", "emulated", "predicted"; "" when not set, "provenance 9"
// for a number that this version does not know.
std::string ProvenanceName(v1::Provenance provenance);

// "12.3 ms predicted (10.1 ms to 14.5 ms)"; "unknown" for a figure that is not there.
std::string FormatLatency(const v1::Figure& latency_us);
std::string FormatEnergy(const v1::Figure& energy_mj);

// Columns SRAM, FLASH, LATENCY, SOURCE, ENERGY with its own source where asked for, MACS, PARAMS,
// SCHEDULE (empty where it was not recorded), and their cells.
std::vector<Column> CostColumns(bool with_energy = false);
std::vector<std::string> CostCells(const v1::Cost& cost, bool with_energy = false);

// "latency unknown: there is no latency model …": a line for each different reason why one of
// `costs` has no latency; "" where all have.
std::string UnknownNotes(const google::protobuf::RepeatedPtrField<v1::Cost>& costs);

// A line for each cost: "SRAM     63.4 kB, whole"; and for each schedule where there are several.
std::string CostLines(const v1::Cost& cost);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_COST_TEXT_H_
