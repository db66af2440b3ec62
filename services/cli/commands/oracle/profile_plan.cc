#include "services/cli/commands/oracle/profile_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/jobfile/resource_name.h"

namespace niwaki::cli {
namespace {

v1::RowBuild BuildOf(const v1::BoardDescription& board) {
  v1::RowBuild build;
  build.set_placement(board.placement());
  build.set_kernel_set(board.kernel_set());
  build.set_firmware_digest(board.firmware_digest());
  build.set_compiler_digest(board.compiler_digest());
  build.set_engine_version(board.engine_version());
  return build;
}

bool SameBuild(const v1::RowBuild& a, const v1::RowBuild& b) {
  return a.placement() == b.placement() && a.kernel_set() == b.kernel_set() &&
         a.firmware_digest() == b.firmware_digest() && a.compiler_digest() == b.compiler_digest() &&
         a.engine_version() == b.engine_version();
}

// Why a board cannot measure for the device; empty where it can.
std::string WhyNot(const v1::Board& board, const ProfileWish& wish) {
  const v1::BoardDescription& is = board.description();
  if (!wish.board.empty() && board.name() != wish.board) return "it is another board";
  for (const std::string& tag : wish.tags) {
    if (std::find(is.tags().begin(), is.tags().end(), tag) == is.tags().end()) {
      return absl::StrCat("it has no tag '", tag, "'");
    }
  }
  const bool own = is.device() == wish.device.name();
  const bool emulated = is.provenance() == v1::PROVENANCE_EMULATED;
  if (!own && !emulated)
    return absl::StrCat("it is of ", is.device().empty() ? "no device" : is.device());
  if (!own && is.core() != wish.device.core()) return absl::StrCat("it is a ", is.core());
  if (!board.connected()) return "its service is gone";
  if (board.draining()) return "it is being drained";
  if (!board.reserved_by().empty()) return absl::StrCat("it is reserved by ", board.reserved_by());
  if (board.health() == v1::BOARD_HEALTH_BAD || board.health() == v1::BOARD_HEALTH_MAINTENANCE) {
    return absl::StrCat("it is out of order: ", board.health_reason());
  }
  if (is.engine_version().empty()) return "its niwaki-boards measures no operators";
  return "";
}

absl::Status NoBoard(const std::vector<v1::Board>& boards, const ProfileWish& wish) {
  std::vector<std::string> reasons;
  for (const v1::Board& board : boards) {
    reasons.push_back(absl::StrCat(jobfile::ResourceId(board.name()), ": ", WhyNot(board, wish)));
  }
  const std::string device = jobfile::ResourceId(wish.device.name());
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardUnknown)
      .Field("--device")
      .Value(device)
      .Limit("a board of the device, or an emulated one of its core")
      .Message(absl::StrCat("no board can measure for ", device, " (", wish.device.core(), ")",
                            reasons.empty() ? ": none is known; niwaki up starts emulated ones"
                                            : absl::StrCat("; ", absl::StrJoin(reasons, "; "))));
}

}  // namespace

OperatorKey KeyOf(const latency::EmittedOp& op) {
  return {op.signature.ToText(), std::string(latency::OpFormText(op.form))};
}

absl::StatusOr<ProfileBoards> ChooseBoards(const std::vector<v1::Board>& boards,
                                           const ProfileWish& wish) {
  std::vector<const v1::Board*> own;
  std::vector<const v1::Board*> emulated;
  for (const v1::Board& board : boards) {
    if (!WhyNot(board, wish).empty()) continue;
    const bool is_own = board.description().device() == wish.device.name();
    (is_own ? own : emulated).push_back(&board);
  }
  if (own.empty() && emulated.empty()) return NoBoard(boards, wish);
  ProfileBoards chosen;
  const std::vector<const v1::Board*>& fitting = own.empty() ? emulated : own;
  chosen.build = BuildOf(fitting[0]->description());
  chosen.provenance = fitting[0]->description().provenance();
  for (const v1::Board* board : fitting) {
    chosen.names.push_back(board->name());
    const v1::BoardDescription& is = board->description();
    if (is.provenance() == chosen.provenance && SameBuild(BuildOf(is), chosen.build)) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch)
        .Field("--board")
        .Value(board->name())
        .Limit(fitting[0]->name())
        .Message(absl::StrCat(board->name(), " and ", fitting[0]->name(),
                              " differ in firmware, compiler or engine, so their figures do not "
                              "stand together: say which with --board or --tag"));
  }
  if (own.empty()) {
    chosen.spec.set_core(wish.device.core());
  } else {
    chosen.spec.set_device(wish.device.name());
  }
  chosen.spec.set_board(wish.board);
  for (const std::string& tag : wish.tags) chosen.spec.add_tags(tag);
  chosen.spec.mutable_operators()->set_table_device(wish.device.name());
  return chosen;
}

bool IsOfBoards(const v1::LookupEntry& row, const ProfileBoards& boards) {
  return row.provenance() == boards.provenance && SameBuild(row.build(), boards.build);
}

int64_t WeightBytes(const latency::OpSignature& s) {
  const int64_t taps = int64_t{s.kernel_h} * s.kernel_w;
  switch (arch::FactsOf(s.kind).weight) {
    case arch::WeightForm::kDense:
      return taps * s.input.channels * s.output.channels;
    case arch::WeightForm::kPerChannel:
      return taps * s.output.channels;
    case arch::WeightForm::kMatrix:
      return s.input.elements() * s.output.channels;
    case arch::WeightForm::kNone:
      return 0;
  }
  return 0;
}

std::vector<std::vector<latency::EmittedOp>> BatchesOf(std::vector<latency::EmittedOp> operators,
                                                       int batch, int64_t max_bytes) {
  std::stable_sort(operators.begin(), operators.end(),
                   [](const latency::EmittedOp& a, const latency::EmittedOp& b) {
                     return a.signature.kind < b.signature.kind;
                   });
  std::vector<std::vector<latency::EmittedOp>> batches;
  int64_t bytes = 0;
  for (const latency::EmittedOp& op : operators) {
    const int64_t own = WeightBytes(op.signature);
    if (batches.empty() || static_cast<int>(batches.back().size()) >= batch ||
        bytes + own > max_bytes) {
      batches.emplace_back();
      bytes = 0;
    }
    bytes += own;
    batches.back().push_back(op);
  }
  return batches;
}

}  // namespace niwaki::cli
