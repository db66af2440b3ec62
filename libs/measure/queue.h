// Which of the measurements that wait a board is given: pure.

#ifndef NIWAKI_LIBS_MEASURE_QUEUE_H_
#define NIWAKI_LIBS_MEASURE_QUEUE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

// Whether the board is one that the measurement asks for: device, core, name, tags, reservation.
bool Fits(const v1::MeasurementSpec& spec, const v1::Board& board);

// Of the PENDING ones in `waiting`, by number, that fit the board and that `may` takes: the highest
// priority, then the oldest. nullopt for none.
std::optional<int64_t> NextFor(const v1::Board& board,
                               const std::map<int64_t, v1::Measurement>& waiting,
                               const std::function<bool(const v1::Measurement&)>& may);

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_QUEUE_H_
