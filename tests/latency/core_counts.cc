#include "tests/latency/core_counts.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/status_macros.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"
#include "tests/latency/counted_network.h"

namespace niwaki::latency {
namespace {

absl::StatusOr<InstructionCount> Count(const CountedCase& one, absl::string_view core,
                                       bool by_operator) {
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard board, board::FindEmulatedBoard(core));
  NIWAKI_ASSIGN_OR_RETURN(const auto folder, TemporaryFolder::Create());
  auto count = CountInstructions(one.network, board, by_operator, folder->path());
  if (!count.ok()) return Annotate(count.status(), absl::StrCat(one.name, " on ", core));
  return count;
}

}  // namespace

absl::StatusOr<std::vector<CountedOperator>> CountOperators(const std::vector<CountedCase>& cases,
                                                            absl::string_view core) {
  std::vector<CountedOperator> operators;
  for (const CountedCase& one : cases) {
    NIWAKI_ASSIGN_OR_RETURN(const InstructionCount count, Count(one, core, /*by_operator=*/true));
    const arch::Graph& graph = one.network.graph;
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      if (count.operators[i] == 0) continue;
      operators.push_back(
          {graph.ops[i], WorkOf(graph, graph.ops[i]), static_cast<double>(count.operators[i])});
    }
  }
  return operators;
}

absl::StatusOr<std::vector<NetworkCount>> CountNetworks(const std::vector<CountedCase>& cases,
                                                        absl::string_view core,
                                                        const LatencyModel& model, double scale) {
  std::vector<NetworkCount> networks;
  for (const CountedCase& one : cases) {
    NIWAKI_ASSIGN_OR_RETURN(const InstructionCount count, Count(one, core, /*by_operator=*/false));
    NIWAKI_ASSIGN_OR_RETURN(const double cycles, PredictCycles(model, one.network.graph));
    networks.push_back({one.name, static_cast<double>(count.total), cycles * scale});
  }
  return networks;
}

absl::StatusOr<std::vector<CountedCase>> PublishedCases(const std::string& shared) {
  std::vector<CountedCase> cases;
  for (const char* name :
       {"mlperf_tiny/ad01_int8", "mlperf_tiny/kws_ref_model", "mlperf_tiny/pretrainedResnet_quant",
        "mlperf_tiny/vww_96_int8", "mcunet/tinyengine_vww", "mcunet/mcunet-320kb-1mb_imagenet",
        "mcunet/mcunet-512kb-2mb_imagenet"}) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(absl::StrCat(shared, "/models/", name, ".tflite")));
    NIWAKI_ASSIGN_OR_RETURN(const engine::QuantisedNetwork network, interchange::ReadTflite(bytes));
    cases.push_back({name, engine::FusePads(network)});
  }
  return cases;
}

}  // namespace niwaki::latency
