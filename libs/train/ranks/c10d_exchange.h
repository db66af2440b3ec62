// A GradientExchange through LibTorch's c10d: Gloo between CPUs, NCCL between GPUs. This header
// needs no LibTorch.

#ifndef NIWAKI_LIBS_TRAIN_RANKS_C10D_EXCHANGE_H_
#define NIWAKI_LIBS_TRAIN_RANKS_C10D_EXCHANGE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/train/ranks/rank_environment.h"

namespace niwaki::train {

class GradientExchange;

struct ExchangeOptions {
  RankEnvironment environment;
  // "cpu": Gloo; "cuda": NCCL, where LibTorch was built with it.
  std::string device = "cpu";
  // How long a process waits for another that is still connected. One that dies is noticed at once.
  absl::Duration timeout = absl::Minutes(30);
};

// Meets the other processes; returns when all are there. SingleProcess when the world's size is 1.
// Unavailable with reason SERVICE_UNAVAILABLE when they do not come within the timeout;
// FailedPrecondition with reason TOOL_MISSING when this build has no backend for the device.
absl::StatusOr<std::unique_ptr<GradientExchange>> JoinExchange(const ExchangeOptions& options);

// A meeting point that a launcher holds for its processes (they are told `launcher_listens`).
class MeetingPoint {
 public:
  // Listens on a free port of every interface. The errors of LibTorch as Internal.
  static absl::StatusOr<std::unique_ptr<MeetingPoint>> Listen();
  virtual ~MeetingPoint() = default;
  virtual int port() const = 0;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANKS_C10D_EXCHANGE_H_
