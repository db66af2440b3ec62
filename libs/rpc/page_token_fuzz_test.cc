#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/rpc/page_token.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

constexpr char kList[] = "ListCandidates/jobs/a/SCORED";

}  // namespace

std::vector<std::string> Seeds() {
  return {rpc::MakePageToken(kList, "17"), rpc::MakePageToken(kList, std::string("\0\xff", 2))};
}

bool Run(absl::string_view input) {
  const auto key = rpc::ReadPageToken(kList, input);
  if (!key.ok()) return false;
  const auto again = rpc::ReadPageToken(kList, rpc::MakePageToken(kList, *key));
  NIWAKI_CHECK(again.ok() && *again == *key);
  return true;
}

}  // namespace niwaki::fuzz
