// Scores on the real supernet, with LibTorch. The only part of the worker that links it.

#ifndef NIWAKI_SERVICES_WORKER_TORCH_SCORER_H_
#define NIWAKI_SERVICES_WORKER_TORCH_SCORER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/worker/scorer.h"

namespace niwaki::worker {

// Keeps the last supernet and data set in memory. Not thread-safe.
class TorchScorer : public Scorer {
 public:
  // `device` is "cpu" or "cuda"; `threads` from 1. Sets up malloc and LibTorch for the whole
  // process. FailedPrecondition with reason TOOL_MISSING where the machine has no usable device of
  // that name.
  static absl::StatusOr<std::unique_ptr<TorchScorer>> Create(const std::string& device,
                                                             int threads);
  ~TorchScorer() override;

  // supernet::PrecisionOf the device.
  std::string precision() const override;

  int quantiser_version() const override;

  // The data's classes in another order than the supernet's are mapped by name. DataLoss for
  // damaged files, FailedPrecondition with reason SUPERNET_MISMATCH for data of other classes or
  // prepared otherwise (data::FitData).
  absl::Status Prepare(const ScoreContext& context) override;

  // InvalidArgument with reason SUBNET_INVALID for a subnet outside the supernet's space; the
  // errors of supernet::Scorer.
  absl::StatusOr<v1::Score> Score(const std::string& subnet_json) override;

  // On the CPU, whatever the device: the same bytes on every machine. The errors of
  // int8::QuantiseSubnet, int8::ScoreInt8 and interchange::WriteModel.
  absl::StatusOr<ProvenNetwork> Prove(const std::string& subnet_json) override;

 private:
  struct Loaded;
  TorchScorer(std::string device, int threads);

  const std::string device_;
  const int threads_;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_TORCH_SCORER_H_
