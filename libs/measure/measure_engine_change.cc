// MeasureEngine::Change: what people do to boards.

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/measure/checks.h"
#include "libs/measure/measure_engine.h"

namespace niwaki::measure {
namespace {

constexpr size_t kMaxNote = 200;
constexpr int kDefaultBurnIn = 10;
constexpr int kMaxBurnIn = 10000;

absl::Status CheckFreeFor(const v1::Board& board, const std::string& by) {
  NIWAKI_RETURN_IF_ERROR(CheckName("by", by));
  if (board.reserved_by().empty() || board.reserved_by() == by) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy)
      .Field("name")
      .Value(board.name())
      .Message(absl::StrCat(board.name(), " is reserved by ", board.reserved_by(),
                            "; 'niwaki boards release' ends that"));
}

absl::Status CheckChange(const v1::ChangeBoardRequest& request, const v1::Board& board) {
  switch (request.action()) {
    case v1::BOARD_ACTION_RESERVE:
      return CheckFreeFor(board, request.by());
    case v1::BOARD_ACTION_BURN_IN:
      return CheckRange("runs", request.runs(), 0, kMaxBurnIn);
    case v1::BOARD_ACTION_QUARANTINE:
      if (request.note().size() <= kMaxNote) return absl::OkStatus();
      return InvalidValue("note", request.note().substr(0, 100),
                          absl::StrCat("at most ", kMaxNote, " bytes"));
    case v1::BOARD_ACTION_RELEASE:
    case v1::BOARD_ACTION_DRAIN:
    case v1::BOARD_ACTION_UNDRAIN:
    case v1::BOARD_ACTION_CLEAR:
      return absl::OkStatus();
    default:
      return InvalidValue("action", absl::StrCat(request.action()), "an action");
  }
}

void Clear(v1::Board& board, absl::Time now) {
  SetHealth(board, v1::BOARD_HEALTH_UNKNOWN, "it was cleared", now);
  board.set_strikes(0);
  board.set_burn_in_left(0);
  board.clear_not_before();
  board.set_setbacks(0);
}

}  // namespace

absl::StatusOr<v1::Board> MeasureEngine::Change(const v1::ChangeBoardRequest& request,
                                                absl::Time now) {
  const auto found = boards_.find(request.name());
  if (found == boards_.end()) {
    return Error(absl::StatusCode::kNotFound, reason::kBoardUnknown)
        .Field("name")
        .Value(request.name())
        .Message(absl::StrCat("there is no ", request.name(), "; niwaki boards list has them all"));
  }
  NIWAKI_RETURN_IF_ERROR(CheckChange(request, found->second));
  v1::Board& board = Edit(request.name());
  switch (request.action()) {
    case v1::BOARD_ACTION_RESERVE:
      board.set_reserved_by(request.by());
      break;
    case v1::BOARD_ACTION_RELEASE:
      board.clear_reserved_by();
      break;
    case v1::BOARD_ACTION_DRAIN:
    case v1::BOARD_ACTION_UNDRAIN:
      board.set_draining(request.action() == v1::BOARD_ACTION_DRAIN);
      break;
    case v1::BOARD_ACTION_QUARANTINE:
      SetHealth(board, v1::BOARD_HEALTH_MAINTENANCE, request.note(), now);
      break;
    case v1::BOARD_ACTION_BURN_IN:
      Clear(board, now);
      board.set_burn_in_left(request.runs() > 0 ? request.runs() : kDefaultBurnIn);
      SetHealth(board, v1::BOARD_HEALTH_LOOPING, "burn-in", now);
      break;
    default:
      Clear(board, now);
      board.clear_canary();
  }
  return Shown(board, now);
}

}  // namespace niwaki::measure
