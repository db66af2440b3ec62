// What a profile has to do: which boards measure for a device, which operators the latency table
// does not have from them yet, in which batches. Pure.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_PLAN_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_PLAN_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/latency/op_form.h"
#include "proto/niwaki/v1/board_service.pb.h"
#include "proto/niwaki/v1/device.pb.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {

// Signature and form.
using OperatorKey = std::pair<std::string, std::string>;
OperatorKey KeyOf(const latency::EmittedOp& op);

struct ProfileWish {
  v1::Device device;
  // "boards/{board}"; empty for any.
  std::string board;
  std::vector<std::string> tags;
};

// Boards whose figures may stand together.
struct ProfileBoards {
  std::vector<std::string> names;
  v1::Provenance provenance = v1::PROVENANCE_UNSPECIFIED;
  v1::RowBuild build;
  // Who may take the measurements.
  v1::MeasurementSpec spec;
};

// Boards of the device itself; where none is in order, emulated ones of its core.
// FailedPrecondition with reason BOARD_UNKNOWN where there is none of either, saying what each
// lacks; FailedPrecondition with reason BOARD_MISMATCH where they differ in firmware, compiler or
// engine, so that their figures would not stand together.
absl::StatusOr<ProfileBoards> ChooseBoards(const std::vector<v1::Board>& boards,
                                           const ProfileWish& wish);

// Whether `row` was measured by such boards.
bool IsOfBoards(const v1::LookupEntry& row, const ProfileBoards& boards);

// Bytes of the operator's weights.
int64_t WeightBytes(const latency::OpSignature& signature);

// At most `batch` operators and, but for one alone, `max_bytes` of weights each. Operators of one
// kind stand together, so that images share kernels.
std::vector<std::vector<latency::EmittedOp>> BatchesOf(std::vector<latency::EmittedOp> operators,
                                                       int batch, int64_t max_bytes);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_PLAN_H_
