#include "libs/train/ranks/c10d_exchange.h"

// The switches with which LibTorch itself was built decide what its headers declare. A LibTorch
// with NCCL wants --copt=-DUSE_C10D_NCCL.
#if __has_include(<gloo/algorithm.h>)
#define USE_C10D_GLOO
#endif

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/torch_guard.h"
#include "libs/train/ranks/gradient_exchange.h"

namespace niwaki::train {
namespace {

// LibTorch 2 moved the collectives from ProcessGroup to Backend.
#if TORCH_VERSION_MAJOR >= 2
using Group = c10d::Backend;
#else
using Group = c10d::ProcessGroup;
#endif

constexpr char kPrefix[] = "niwaki";

// Whatever goes wrong between processes looks like a process that is gone.
absl::Status Lost(const RankEnvironment& environment, const absl::Status& status) {
  if (status.ok()) return status;
  return Error(absl::StatusCode::kUnavailable, reason::kServiceUnavailable)
      .Field("rank")
      .Value(environment.rank)
      .Message(
          absl::StrCat("rank ", environment.rank, " of ", environment.world_size,
                       " lost the others (one of them ended or is silent): ", status.message()));
}

class C10dExchange : public GradientExchange {
 public:
  C10dExchange(const ExchangeOptions& options, c10::intrusive_ptr<c10d::Store> store,
               c10::intrusive_ptr<Group> group)
      : environment_(options.environment),
        device_(options.device),
        store_(std::move(store)),
        group_(std::move(group)) {}

  int rank() const override { return environment_.rank; }
  int world_size() const override { return environment_.world_size; }

  absl::Status Sum(at::Tensor& values) override {
    return Guarded("sum over processes", [&] { SumChunks(values); });
  }

  absl::Status Broadcast(at::Tensor& values) override {
    return Guarded("broadcast from rank 0", [&] {
      std::vector<at::Tensor> tensors = {values.to(device_).contiguous()};
      group_->broadcast(tensors)->wait();
      if (!tensors[0].is_same(values)) values.copy_(tensors[0]);
    });
  }

 private:
  template <typename Body>
  absl::Status Guarded(const char* what, Body body) {
    c10::AutoGradMode no_gradients(false);
    return Lost(environment_, supernet::GuardTorch(what, body));
  }

  // Each rank sums one part of the vector, of which it gets every rank's numbers, and gives the
  // sums to all: twice the vector travels, as in a ring, but the order of addition is ours.
  void SumChunks(at::Tensor& values) {
    const int64_t world = world_size();
    const int64_t chunk = (values.numel() + world - 1) / world;
    at::Tensor padded = at::zeros({world * chunk}, values.options().device(device_));
    padded.narrow(0, 0, values.numel()).copy_(values);
    at::Tensor parts = at::empty({world, chunk}, padded.options());
    at::Tensor flat = parts.view({-1});
    std::vector<int64_t> equal;
    group_->alltoall_base(flat, padded, equal, equal)->wait();
    PairwiseOrder(static_cast<int>(world),
                  [&](int into, int from) { parts.select(0, into).add_(parts.select(0, from)); });
    std::vector<at::Tensor> own = {parts.select(0, 0).contiguous()};
    std::vector<std::vector<at::Tensor>> gathered = {{}};
    for (int64_t rank = 0; rank < world; ++rank) {
      gathered[0].push_back(padded.narrow(0, rank * chunk, chunk));
    }
    group_->allgather(gathered, own)->wait();
    values.copy_(padded.narrow(0, 0, values.numel()));
  }

  const RankEnvironment environment_;
  // Where the backend wants its tensors.
  const at::Device device_;
  const c10::intrusive_ptr<c10d::Store> store_;
  const c10::intrusive_ptr<Group> group_;
};

std::chrono::milliseconds Milliseconds(absl::Duration duration) {
  return std::chrono::milliseconds(absl::ToInt64Milliseconds(duration));
}

c10::intrusive_ptr<c10d::Store> Meet(const ExchangeOptions& options) {
  const RankEnvironment& environment = options.environment;
  c10d::TCPStoreOptions store;
  store.port = static_cast<uint16_t>(environment.master_port);
  store.isServer = environment.rank == 0 && !environment.launcher_listens;
  store.numWorkers = static_cast<size_t>(environment.world_size);
  store.waitWorkers = false;
  store.timeout = Milliseconds(options.timeout);
  return c10::make_intrusive<c10d::PrefixStore>(
      kPrefix, c10::make_intrusive<c10d::TCPStore>(environment.master_address, store));
}

absl::Status NoBackend(absl::string_view device) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field("device")
      .Value(device)
      .Message(absl::StrCat("this build has no exchange between processes for device ", device));
}

#ifdef USE_C10D_GLOO
bool IsLoopback(const std::string& address) {
  return address == "localhost" || address == "::1" || absl::StartsWith(address, "127.");
}

c10::intrusive_ptr<Group> MakeGloo(const ExchangeOptions& options,
                                   const c10::intrusive_ptr<c10d::Store>& store) {
  using c10d::ProcessGroupGloo;
  const RankEnvironment& environment = options.environment;
  auto gloo = ProcessGroupGloo::Options::create(Milliseconds(options.timeout));
  gloo->threads = 1;
  if (!environment.interface.empty()) {
    gloo->devices.push_back(ProcessGroupGloo::createDeviceForInterface(environment.interface));
  } else if (IsLoopback(environment.master_address)) {
    gloo->devices.push_back(ProcessGroupGloo::createDeviceForHostname(environment.master_address));
  } else {
    gloo->devices.push_back(ProcessGroupGloo::createDefaultDevice());
  }
  return c10::make_intrusive<ProcessGroupGloo>(store, environment.rank, environment.world_size,
                                               gloo);
}
#endif

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<Group> MakeNccl(const ExchangeOptions& options,
                                   const c10::intrusive_ptr<c10d::Store>& store) {
  auto nccl = c10d::ProcessGroupNCCL::Options::create();
  nccl->timeout = Milliseconds(options.timeout);
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, options.environment.rank,
                                                     options.environment.world_size, nccl);
}
#endif

absl::StatusOr<c10::intrusive_ptr<Group>> MakeGroup(const ExchangeOptions& options,
                                                    const c10::intrusive_ptr<c10d::Store>& store) {
#ifdef USE_C10D_NCCL
  if (options.device == "cuda") return MakeNccl(options, store);
#endif
#ifdef USE_C10D_GLOO
  if (options.device == "cpu") return MakeGloo(options, store);
#endif
  return NoBackend(options.device);
}

class TcpMeetingPoint : public MeetingPoint {
 public:
  explicit TcpMeetingPoint(c10::intrusive_ptr<c10d::TCPStore> store) : store_(std::move(store)) {}
  int port() const override { return store_->getPort(); }

 private:
  const c10::intrusive_ptr<c10d::TCPStore> store_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GradientExchange>> JoinExchange(const ExchangeOptions& options) {
  if (options.environment.world_size == 1) return std::make_unique<SingleProcess>();
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<Group> group;
  const absl::Status joined = supernet::GuardTorch("meet the other processes", [&] {
    store = Meet(options);
    auto made = MakeGroup(options, store);
    if (made.ok()) group = *std::move(made);
    return made.status();
  });
  if (absl::IsFailedPrecondition(joined)) return joined;
  NIWAKI_RETURN_IF_ERROR(Lost(options.environment, joined));
  return std::make_unique<C10dExchange>(options, std::move(store), std::move(group));
}

absl::StatusOr<std::unique_ptr<MeetingPoint>> MeetingPoint::Listen() {
  return supernet::GuardTorch("listen", []() -> absl::StatusOr<std::unique_ptr<MeetingPoint>> {
    c10d::TCPStoreOptions options;
    options.port = 0;
    options.isServer = true;
    options.waitWorkers = false;
    return std::make_unique<TcpMeetingPoint>(
        c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options));
  });
}

}  // namespace niwaki::train
