#include "libs/engine/plan/schedule_kind.h"

namespace niwaki::engine {

absl::string_view ScheduleKindName(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::kWhole:
      return "whole";
    case ScheduleKind::kStreamed75:
      return "streamed_75";
    case ScheduleKind::kStreamed50:
      return "streamed_50";
    case ScheduleKind::kStreamed:
      return "streamed";
  }
  return "";
}

std::optional<ScheduleKind> ScheduleKindByName(absl::string_view name) {
  for (const ScheduleKind kind : kScheduleKinds) {
    if (ScheduleKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace niwaki::engine
