// ScheduleKind: the name of one of the few schedules that a network has
// (NetworkPlanner::Schedules).

#ifndef NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_KIND_H_
#define NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_KIND_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace niwaki::engine {

// From the fastest to the one of the least memory.
enum class ScheduleKind : uint8_t {
  // Every operator whole.
  kWhole,
  // The fewest instructions within three quarters, and within half, of the whole one's arena.
  kStreamed75,
  kStreamed50,
  // The smallest arena.
  kStreamed,
};

inline constexpr std::array<ScheduleKind, 4> kScheduleKinds = {
    ScheduleKind::kWhole, ScheduleKind::kStreamed75, ScheduleKind::kStreamed50,
    ScheduleKind::kStreamed};

// "whole", "streamed_75", "streamed_50", "streamed": stored and sent, never change one. The memory
// is static.
absl::string_view ScheduleKindName(ScheduleKind kind);

// nullopt for another name.
std::optional<ScheduleKind> ScheduleKindByName(absl::string_view name);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_KIND_H_
