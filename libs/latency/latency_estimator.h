// LatencyEstimator: how long one inference of a network takes on a device.

#ifndef NIWAKI_LIBS_LATENCY_LATENCY_ESTIMATOR_H_
#define NIWAKI_LIBS_LATENCY_LATENCY_ESTIMATOR_H_

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/arch/graph.h"
#include "libs/cost/figure.h"
#include "libs/device/device.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {

// How much of a network the rows of operators have.
struct RowCoverage {
  // Of the network.
  int operators = 0;
  // Those without a row; a sum needs every one.
  int missing = 0;
};

// One device and one version of the tables. Thread-safe.
class LatencyEstimator {
 public:
  LatencyEstimator(const device::Device& device, std::shared_ptr<const LatencySnapshot> snapshot);

  // In microseconds. The sum over the LUT's entries when one provenance has every block, or every
  // operator, of the network (MEASURED before EMULATED before PREDICTED; in each of them blocks,
  // then operators of the build that is used, then operators that name none; none of these are ever
  // mixed), with the spread of the runs as interval; else as PredictUs.
  cost::Figure LatencyUs(const arch::Graph& graph) const;

  // The model's prediction alone, in microseconds; not known without a model, and where the model
  // lacks a kind of operator that the network has.
  cost::Figure PredictUs(const arch::Graph& graph) const;

  // Why LatencyUs is not known, for people: FailedPrecondition with reason LATENCY_UNKNOWN, whose
  // message says what the model lacks and what the LUT does; OK where it is known.
  absl::Status WhyUnknown(const arch::Graph& graph) const;

  // Of the provenance, and the build or those that name none, with the fewest missing; nullopt
  // where the LUT has no rows of operators for the device. A network with none missing may still
  // have its latency from blocks, or from another provenance that has them all.
  std::optional<RowCoverage> Coverage(const arch::Graph& graph) const;

  const LatencySnapshot& snapshot() const { return *snapshot_; }

 private:
  std::shared_ptr<const LatencySnapshot> snapshot_;
  std::string device_;
  std::string core_;
  double clock_mhz_;
  const LatencyModel* model_;
  // Of the model, where there is one.
  std::optional<CycleTable> cycles_;
  // In the order of preference, null where the LUT has nothing.
  std::array<const LatencySnapshot::OpTable*, 3> tables_;
  std::array<const LatencySnapshot::BlockTable*, 3> block_tables_;
  std::array<LatencySnapshot::FormTables, 3> built_tables_;
  bool has_blocks_ = false;
  bool has_built_ = false;
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_LATENCY_ESTIMATOR_H_
