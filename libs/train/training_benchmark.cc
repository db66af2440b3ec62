#include "libs/train/training_benchmark.h"

#include <ATen/ATen.h>
#include <time.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"
#include "libs/train/step/sgd.h"

namespace niwaki::train {
namespace {

constexpr double kLearningRate = 0.01;
constexpr double kWeightDecay = 3e-5;
constexpr double kLabelSmoothing = 0.1;

double ProcessCpuSeconds() {
  timespec cpu;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec);
}

SgdOptions Options() {
  SgdOptions options;
  options.weight_decay = kWeightDecay;
  return options;
}

class TorchWorkload : public TrainingWorkload {
 public:
  TorchWorkload(const arch::SearchSpace& space, std::vector<arch::Graph> graphs,
                const TrainingBenchmarkOptions& options)
      : space_(space),
        graphs_(std::move(graphs)),
        weights_(supernet::SharedWeights::Random(space, options.seed)),
        sgd_(&weights_, Options()) {
    const arch::TensorShape& in = graphs_.front().shape(graphs_.front().input);
    images_ = at::randn({options.batch, in.channels, in.height, in.width})
                  .contiguous(at::MemoryFormat::ChannelsLast);
    labels_ = at::arange(options.batch, at::kLong).remainder(space.num_classes());
  }

  const arch::SearchSpace& space() const override { return space_; }
  const std::vector<arch::Graph>& graphs() const override { return graphs_; }

  absl::StatusOr<double> CpuSeconds(int steps) override {
    return supernet::GuardTorch("training step", [&] {
      supernet::SetOperatorThreads(1);
      const double start = ProcessCpuSeconds();
      for (int i = 0; i < steps; ++i) Step();
      return ProcessCpuSeconds() - start;
    });
  }

 private:
  at::Tensor Logits(const arch::Graph& graph) {
    supernet::ForwardOptions options;
    options.mode = supernet::NormMode::kTrain;
    options.eps = space_.batch_norm_eps();
    return supernet::Forward(graph, supernet::SliceWeights(weights_, graph), images_, options);
  }

  void Step() {
    const at::Tensor logits = Logits(graphs_.front());
    at::cross_entropy_loss(logits, labels_, /*weight=*/{}, at::Reduction::Mean,
                           /*ignore_index=*/-100, kLabelSmoothing)
        .backward();
    const at::Tensor teacher = logits.detach().softmax(1);
    for (size_t i = 1; i < graphs_.size(); ++i) {
      const at::Tensor student = Logits(graphs_[i]).log_softmax(1);
      (-(teacher * student).sum(1).mean()).backward();
    }
    sgd_.Step(kLearningRate);
  }

  const arch::SearchSpace space_;
  const std::vector<arch::Graph> graphs_;
  supernet::SharedWeights weights_;
  Sgd sgd_;
  at::Tensor images_;
  at::Tensor labels_;
};

absl::StatusOr<uint8_t> ResolutionIndex(const arch::SearchSpace& space, int value) {
  for (size_t r = 0; r < space.resolutions().size(); ++r) {
    if (space.resolutions()[r].value == value) return static_cast<uint8_t>(r);
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("resolution")
      .Value(value)
      .Message(absl::StrCat("resolution ", value, " is not in the space ", space.name()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainingWorkload>> TrainingWorkload::Create(
    absl::string_view space_name, const TrainingBenchmarkOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(space_name));
  NIWAKI_ASSIGN_OR_RETURN(const uint8_t resolution, ResolutionIndex(space, options.resolution));
  std::vector<arch::Subnet> subnets = {arch::MaxSubnet(space), arch::MinSubnet(space)};
  Random random(options.seed);
  for (int i = 0; i < options.random_subnets; ++i) {
    subnets.push_back(arch::SampleSubnet(space, random));
  }
  std::vector<arch::Graph> graphs;
  for (arch::Subnet& subnet : subnets) {
    subnet.genes[space.layout().resolution] = resolution;
    graphs.push_back(arch::BuildGraph(space, subnet));
  }
  return supernet::GuardTorch("training workload", [&] {
    return std::unique_ptr<TrainingWorkload>(
        std::make_unique<TorchWorkload>(space, std::move(graphs), options));
  });
}

}  // namespace niwaki::train
