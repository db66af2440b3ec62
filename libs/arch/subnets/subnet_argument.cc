#include "libs/arch/subnets/subnet_argument.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"

namespace niwaki::arch {
namespace {

constexpr int64_t kMaxSubnetBytes = 1 << 20;
constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

}  // namespace

absl::StatusOr<Subnet> ReadSubnetArgument(const SearchSpace& space, const std::string& text) {
  if (text == "min" || text == "smallest") return MinSubnet(space);
  if (text == "max" || text == "largest") return MaxSubnet(space);
  if (!absl::StartsWith(text, "@")) {
    absl::StatusOr<Subnet> subnet = SubnetFromJson(space, text);
    if (subnet.ok() || !FileExists(text)) return subnet;
    return Annotate(subnet.status(), absl::StrCat("a file is named as @", text));
  }
  const std::string path = text.substr(1);
  NIWAKI_ASSIGN_OR_RETURN(const std::string json, ReadTextFile(path, kMaxSubnetBytes));
  absl::StatusOr<Subnet> subnet = SubnetFromJson(space, json);
  if (!subnet.ok()) return Annotate(subnet.status(), path);
  return subnet;
}

absl::StatusOr<std::vector<Subnet>> ReadSubnetFile(const SearchSpace& space,
                                                   const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxFileBytes));
  std::vector<Subnet> subnets;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    absl::StatusOr<Subnet> subnet = SubnetFromJson(space, line);
    if (!subnet.ok()) return Annotate(subnet.status(), absl::StrCat(path, ":", line_number));
    subnets.push_back(*std::move(subnet));
  }
  return subnets;
}

}  // namespace niwaki::arch
