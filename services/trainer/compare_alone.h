// Are the subnets of a supernet as good as the same networks trained alone? The claim of Once for
// All (Cai 2020, §4.1), measured for one supernet: subnets from the smallest to the largest, each
// trained from scratch on the same data for as many epochs as the whole supernet was.

#ifndef NIWAKI_SERVICES_TRAINER_COMPARE_ALONE_H_
#define NIWAKI_SERVICES_TRAINER_COMPARE_ALONE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/trainer.h"

namespace niwaki::trainer {

// Which subnets stand in a table depends on the space alone, so that tables can be put side by side
// (arch::SizeLadder).
inline constexpr uint64_t kLadderSeed = 1;

// The space that holds only this subnet, in which training it alone is training a supernet.
absl::StatusOr<arch::SearchSpace> SpaceOfOne(const arch::SearchSpace& space,
                                             const arch::Subnet& subnet);

struct CompareOptions {
  // The networks trained alone go here, as FOLDER/alone-K.supernet.safetensors with their logs.
  // Those that are there already are not trained again, an interrupted one goes on.
  std::string folder;
  // How many, at least 2.
  int subnets = 6;
  // Of each network alone; 0 for as many as the supernet was trained.
  double epochs = 0;
  // Device, threads, precision, seed, stop and progress of the trainings; its recipe, length and
  // output are not read.
  train::TrainOptions train;
  // How both are scored. Batch norm is recalibrated for both.
  supernet::ScoreOptions score;
  // Called before a network is trained or found, with its number from 0.
  std::function<void(int index, const arch::Subnet& subnet)> on_network;
};

struct ComparedSubnet {
  arch::Subnet subnet;
  int64_t macs = 0;
  int64_t parameters = 0;
  supernet::Score supernet;
  supernet::Score alone;

  // Top-1 of the supernet's subnet less that of the network alone.
  double difference() const { return supernet.top1 - alone.top1; }
};

struct Comparison {
  double epochs = 0;
  // Ascending in MACs.
  std::vector<ComparedSubnet> subnets;

  double mean_difference() const;
};

// The epochs a supernet was trained on `data`. FailedPrecondition with reason SUPERNET_MISMATCH
// where it was not trained, or on other data.
absl::StatusOr<double> EpochsOf(const train::Manifest& manifest, const data::PreparedData& data);

// FailedPrecondition as EpochsOf, and for a network in the folder that belongs to another
// comparison, naming its file; the errors of training and scoring, Cancelled when stopped.
absl::StatusOr<Comparison> CompareAlone(const train::LoadedSupernet& loaded,
                                        const data::PreparedData& data,
                                        const CompareOptions& options);

// A table, with the mean difference below it.
std::string ComparisonText(const arch::SearchSpace& space, const Comparison& comparison);
std::string ComparisonJson(const arch::SearchSpace& space, const Comparison& comparison);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_COMPARE_ALONE_H_
