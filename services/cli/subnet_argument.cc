#include "services/cli/subnet_argument.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace niwaki::cli {
namespace {

constexpr int64_t kMaxSubnetBytes = 1 << 20;
constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

}  // namespace

absl::StatusOr<arch::Subnet> ReadSubnetArgument(const arch::SearchSpace& space,
                                                const std::string& text) {
  if (text == "min") return arch::MinSubnet(space);
  if (text == "max") return arch::MaxSubnet(space);
  if (!absl::StartsWith(text, "@")) return arch::SubnetFromJson(space, text);
  const std::string path = text.substr(1);
  NIWAKI_ASSIGN_OR_RETURN(const std::string json, ReadFile(path, kMaxSubnetBytes));
  absl::StatusOr<arch::Subnet> subnet = arch::SubnetFromJson(space, json);
  if (!subnet.ok()) return Annotate(subnet.status(), path);
  return subnet;
}

absl::StatusOr<std::vector<arch::Subnet>> ReadSubnetFile(const arch::SearchSpace& space,
                                                         const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxFileBytes));
  std::vector<arch::Subnet> subnets;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    absl::StatusOr<arch::Subnet> subnet = arch::SubnetFromJson(space, line);
    if (!subnet.ok()) return Annotate(subnet.status(), absl::StrCat(path, ":", line_number));
    subnets.push_back(*std::move(subnet));
  }
  return subnets;
}

v1::SearchSpace SpaceMessage(const arch::SearchSpace& space) {
  v1::SearchSpace message;
  NIWAKI_CHECK(google::protobuf::TextFormat::ParseFromString(space.ToTextproto(), &message));
  return message;
}

absl::StatusOr<arch::SearchSpace> SpaceFromMessage(const v1::SearchSpace& message) {
  std::string text;
  NIWAKI_CHECK(google::protobuf::TextFormat::PrintToString(message, &text));
  return arch::SearchSpace::FromTextproto(text);
}

v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets) {
  v1::EstimateCostsRequest request;
  request.set_device(device);
  const absl::StatusOr<arch::SearchSpace> known = arch::CatalogueSpace(space.name());
  if (known.ok() && known->structure() == space.structure()) {
    request.set_space_name(space.name());
  } else {
    *request.mutable_space_definition() = SpaceMessage(space);
  }
  for (const arch::Subnet& subnet : subnets) {
    request.add_subnets()->set_genes(
        std::string(reinterpret_cast<const char*>(subnet.genes.data()), subnet.genes.size()));
  }
  return request;
}

}  // namespace niwaki::cli
