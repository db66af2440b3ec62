#include "libs/train/ranks/rank_environment.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::train {
namespace {

constexpr int kMaxRanks = 4096;
constexpr int kMaxPort = 65535;

absl::Status Invalid(const char* name, absl::string_view value, const std::string& problem,
                     const std::string& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(name)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("environment variable ", name, " ", problem));
}

absl::StatusOr<int> ReadNumber(const RankEnvironment::Lookup& lookup, const char* name, int low,
                               int high) {
  const char* text = lookup(name);
  const std::string limit = absl::StrCat(low, " to ", high);
  if (text == nullptr) {
    return Invalid(name, "",
                   "is not set; a training of several processes wants RANK, WORLD_SIZE, "
                   "MASTER_ADDR and MASTER_PORT",
                   limit);
  }
  int value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < low || value > high) {
    return Invalid(name, text, absl::StrCat("'", text, "' is not a number from ", limit), limit);
  }
  return value;
}

std::string Text(const RankEnvironment::Lookup& lookup, const char* name) {
  const char* text = lookup(name);
  return text == nullptr ? "" : text;
}

}  // namespace

absl::StatusOr<RankEnvironment> RankEnvironment::Read(const Lookup& lookup) {
  RankEnvironment environment;
  if (lookup("WORLD_SIZE") == nullptr) {
    // A launcher that numbers its processes and does not count them is misconfigured.
    if (lookup("RANK") != nullptr) return ReadNumber(lookup, "WORLD_SIZE", 1, kMaxRanks).status();
    return environment;
  }
  NIWAKI_ASSIGN_OR_RETURN(environment.world_size, ReadNumber(lookup, "WORLD_SIZE", 1, kMaxRanks));
  if (environment.world_size == 1) return environment;
  NIWAKI_ASSIGN_OR_RETURN(environment.rank,
                          ReadNumber(lookup, "RANK", 0, environment.world_size - 1));
  environment.master_address = Text(lookup, "MASTER_ADDR");
  if (environment.master_address.empty()) {
    return Invalid("MASTER_ADDR", "", "is not set; it names the machine of rank 0", "an address");
  }
  NIWAKI_ASSIGN_OR_RETURN(environment.master_port, ReadNumber(lookup, "MASTER_PORT", 1, kMaxPort));
  if (lookup("LOCAL_RANK") != nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(environment.local_rank,
                            ReadNumber(lookup, "LOCAL_RANK", 0, environment.world_size - 1));
  }
  environment.launcher_listens = Text(lookup, "TORCHELASTIC_USE_AGENT_STORE") == "True";
  environment.interface = Text(lookup, "GLOO_SOCKET_IFNAME");
  return environment;
}

absl::StatusOr<std::string> RankEnvironment::OwnGpu(absl::string_view visible) const {
  if (local_rank < 0) return std::string(visible);
  if (visible.empty()) return absl::StrCat(local_rank);
  const std::vector<std::string> gpus = absl::StrSplit(visible, ',');
  if (local_rank < static_cast<int>(gpus.size())) return gpus[local_rank];
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field("CUDA_VISIBLE_DEVICES")
      .Value(visible)
      .Limit(local_rank + 1)
      .Message(absl::StrCat("LOCAL_RANK ", local_rank, " has no GPU: CUDA_VISIBLE_DEVICES names ",
                            gpus.size()));
}

}  // namespace niwaki::train
