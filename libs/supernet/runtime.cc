#include "libs/supernet/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <malloc.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::supernet {

void TuneMalloc() {
  constexpr int kGibibyte = 1 << 30;
  constexpr int kPadding = 64 << 20;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, kGibibyte);
  mallopt(M_TOP_PAD, kPadding);
}

void SetOperatorThreads(int threads) {
  at::set_num_threads(threads);
  // OpenBLAS keeps threads of its own, which LibTorch does not know. Absent with other BLAS
  // libraries.
  using SetThreads = void (*)(int);
  static const auto set_blas_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_blas_threads != nullptr) set_blas_threads(threads);
}

absl::Status CheckDevice(const std::string& device) {
  if (device == "cpu") return absl::OkStatus();
  if (device != "cuda") {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("device")
        .Value(device)
        .Limit("cpu, cuda")
        .Message(absl::StrCat("device '", device, "' is neither cpu nor cuda"));
  }
  if (at::hasCUDA()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field("device")
      .Value(device)
      .Message("this machine, or the LibTorch that Niwaki was built with, has no CUDA device");
}

}  // namespace niwaki::supernet
