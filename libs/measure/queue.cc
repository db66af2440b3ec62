#include "libs/measure/queue.h"

#include <algorithm>
#include <string>

#include "proto/niwaki/v1/cost.pb.h"

namespace niwaki::measure {

bool Fits(const v1::MeasurementSpec& spec, const v1::Board& board) {
  const v1::BoardDescription& is = board.description();
  if (!spec.board().empty() && spec.board() != board.name()) return false;
  if (!spec.device().empty() && spec.device() != is.device()) return false;
  if (!spec.core().empty() && spec.core() != is.core()) return false;
  if (spec.has_operators()) {
    // A core is emulated for all devices that have it; a real board is of its own device.
    const bool own = is.device() == spec.operators().table_device();
    const bool emulated = is.provenance() == v1::PROVENANCE_EMULATED && spec.core() == is.core();
    if ((!own && !emulated) || is.engine_version().empty()) return false;
  }
  if (spec.reservation() != board.reserved_by()) return false;
  return std::all_of(spec.tags().begin(), spec.tags().end(), [&is](const std::string& tag) {
    return std::find(is.tags().begin(), is.tags().end(), tag) != is.tags().end();
  });
}

std::optional<int64_t> NextFor(const v1::Board& board,
                               const std::map<int64_t, v1::Measurement>& waiting,
                               const std::function<bool(const v1::Measurement&)>& may) {
  std::optional<int64_t> best;
  int priority = 0;
  // From the oldest on.
  for (const auto& [uid, measurement] : waiting) {
    const v1::MeasurementSpec& spec = measurement.spec();
    if (measurement.state() != v1::MEASUREMENT_STATE_PENDING || spec.has_canary()) continue;
    if (best.has_value() && spec.priority() <= priority) continue;
    if (!Fits(spec, board) || !may(measurement)) continue;
    best = uid;
    priority = spec.priority();
  }
  return best;
}

}  // namespace niwaki::measure
