// What an exported folder was made of: bill_of_materials.json, and whether a folder still is what
// its bill says.
//
//   {
//     "format": "niwaki-export", "version": 1,
//     "prefix": "kws", "profile": false, "kernels": "fast", "seed": 1,
//     "sensor": {…}            what stands between a sensor and the network (SensorToJson); absent
//                              where the folder begins at the network's input
//     "made_from": {…}         the network's file or supernet, subnet and data, by digest
//     "network_digest", "plan_digest", "kernels_digest"
//     "compiler": {"program", "version" (null where there was none), "flags"},
//     "figures": {"macs", "arena_bytes", "peak_operator", "constant_bytes"},
//     "operators": [{"text", "macs"}, …],
//     "sources": ["kws.c", …],
//     "files": {"kws.c": SHA-256, …},
//     "digest": SHA-256 of this document without this field, as it is written
//   }

#ifndef NIWAKI_LIBS_ENGINE_EMIT_BILL_OF_MATERIALS_H_
#define NIWAKI_LIBS_ENGINE_EMIT_BILL_OF_MATERIALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/json.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

inline constexpr char kBillName[] = "bill_of_materials.json";

struct BilledOperator {
  // As OperatorText.
  std::string text;
  int64_t macs = 0;
};

// NOLINTNEXTLINE(bugprone-exception-escape): Json.
struct BillOfMaterials {
  std::string prefix;
  bool profile = false;
  // KernelSetName; "plain" in bills from before there were others.
  std::string kernels = "plain";
  uint64_t seed = 0;
  // Whatever the exporter knows of the network's origin, as JSON.
  Json made_from;
  // Null where the folder begins at the network's input.
  Json sensor;
  std::string network_digest;
  std::string plan_digest;
  std::string kernels_digest;
  std::string compiler;
  // First line of its --version; empty where it was not there.
  std::string compiler_version;
  std::string compiler_flags;
  int64_t macs = 0;
  int64_t arena_bytes = 0;
  int peak_operator = 0;
  // Weights and tables.
  int64_t constant_bytes = 0;
  std::vector<BilledOperator> operators;
  // C sources of the network and its kernels.
  std::vector<std::string> sources;
  // SHA-256 by path, of all but the bill itself.
  std::map<std::string, std::string> files;
};

// The bill of `files`, which EmitC made of the first three. `made_from` and the compiler are left
// to the caller.
BillOfMaterials MakeBill(const QuantisedNetwork& network, const MemoryPlan& plan,
                         const EmitOptions& options, const FileTree& files);

std::string BillToText(const BillOfMaterials& bill);

// InvalidArgument with reason FILE_MALFORMED for what is no bill; DataLoss with reason
// DIGEST_MISMATCH for one whose own digest is wrong: it was changed, or cut. `what` names the file.
absl::StatusOr<BillOfMaterials> BillFromText(absl::string_view text, absl::string_view what);

// SHA-256 of all that a network says: shapes, operators, scales, weights.
std::string NetworkDigest(const QuantisedNetwork& network);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_BILL_OF_MATERIALS_H_
