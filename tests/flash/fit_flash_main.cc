// Fits the constants of the flash model on networks that it links for a Cortex-M4, and prints them
// as libs/engine/plan/flash/flash_constants.h has them; errors of the fit on standard error.

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/status_macros.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/latency/fit/least_squares.h"
#include "tests/flash/flash_networks.h"
#include "tests/flash/linked_flash.h"

namespace niwaki::flash {
namespace {

constexpr int kFirst = 1;

bool IsInBase(engine::Kernel kernel) { return kernel == engine::Kernel::kMemcpy; }

// What the network has of: the base, what fast kernels share, streams and operators in them, each
// kernel, each call. memcpy is in the base.
std::vector<double> RowOf(const engine::KernelCalls& used) {
  std::vector<double> row = {1,
                             used.shares_chunks() ? 1.0 : 0.0,
                             used.shares_scales() ? 1.0 : 0.0,
                             used.streams > 0 ? 1.0 : 0.0,
                             static_cast<double>(used.streams),
                             static_cast<double>(used.streamed)};
  for (int i = kFirst; i < engine::kNumKernels; ++i) {
    if (!IsInBase(static_cast<engine::Kernel>(i))) row.push_back(used.calls[i] > 0 ? 1 : 0);
    row.push_back(used.calls[i]);
  }
  return row;
}

void Print(const std::vector<double>& fitted) {
  size_t next = 0;
  std::printf("inline constexpr int64_t kBaseFlashBytes = %.0f;\n", fitted[next++]);
  std::printf("inline constexpr int64_t kChunkFlashBytes = %.0f;\n", fitted[next++]);
  std::printf("inline constexpr int64_t kScaleFlashBytes = %.0f;\n", fitted[next++]);
  std::printf("inline constexpr KernelFlash kStreamFlash = {%.0f, %.0f};\n", fitted[next],
              fitted[next + 1]);
  next += 2;
  std::printf("inline constexpr int64_t kStreamedFlashBytes = %.0f;\n\n", fitted[next++]);
  std::printf("    // none\n    {0, 0},\n");
  for (int i = kFirst; i < engine::kNumKernels; ++i) {
    const double kernel = IsInBase(static_cast<engine::Kernel>(i)) ? 0 : fitted[next++];
    std::printf("    // %s\n    {%.0f, %.0f},\n",
                std::string(engine::kKernelFacts[i].function).c_str(), kernel, fitted[next]);
    ++next;
  }
}

absl::Status Fit() {
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard board, board::FindEmulatedBoard("cortex-m4"));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<FlashCase> cases, FitCases());
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (const FlashCase& one : cases) {
    NIWAKI_ASSIGN_OR_RETURN(const auto folder, TemporaryFolder::Create());
    NIWAKI_ASSIGN_OR_RETURN(const LinkedFlash linked,
                            LinkFlash(one.network, one.options, board, folder->path()));
    rows.push_back(RowOf(linked.calls));
    targets.push_back(static_cast<double>(linked.linked_bytes - linked.predicted.constants()));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> fitted, latency::FitRelative(rows, targets));
  for (size_t i = 0; i < rows.size(); ++i) {
    double sum = 0;
    for (size_t j = 0; j < fitted.size(); ++j) sum += rows[i][j] * fitted[j];
    std::fprintf(stderr, "%-32s code %6.0f, fitted %+5.0f\n", cases[i].name.c_str(), targets[i],
                 sum - targets[i]);
  }
  Print(fitted);
  return absl::OkStatus();
}

}  // namespace
}  // namespace niwaki::flash

int main() {
  niwaki::PrepareStandardStreams();
  const absl::Status status = niwaki::flash::Fit();
  if (!status.ok()) std::fprintf(stderr, "fit_flash: %s\n", status.ToString().c_str());
  return niwaki::ExitCodeAfterOutput("fit_flash", status.ok() ? 0 : 1);
}
