#include "services/cli/cluster/cluster_file.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"

namespace niwaki::cli {
namespace {

constexpr int kVersion = 1;
constexpr int64_t kMaxBytes = 1 << 20;

Json MemberToJson(const ClusterMember& member) {
  Json json;
  json["name"] = member.name;
  if (!member.address.empty()) json["address"] = member.address;
  json["pid"] = member.pid;
  if (!member.trouble.empty()) json["trouble"] = member.trouble;
  return json;
}

// Throws the JSON library's exceptions for a wrong shape.
ClusterMember MemberFromJson(const Json& json) {
  ClusterMember member;
  member.name = json.at("name").get<std::string>();
  if (json.contains("address")) member.address = json.at("address").get<std::string>();
  member.pid = Integer<int64_t>(json.at("pid"));
  if (json.contains("trouble")) member.trouble = json.at("trouble").get<std::string>();
  return member;
}

}  // namespace

std::string Cluster::ToJson() const {
  Json json;
  json["version"] = kVersion;
  json["pid"] = pid;
  json["coordinator"] = MemberToJson(coordinator);
  json["oracle"] = MemberToJson(oracle);
  json["workers"] = Json::array();
  for (const ClusterMember& worker : workers) json["workers"].push_back(MemberToJson(worker));
  json["boards"] = Json::array();
  for (const ClusterMember& member : boards) json["boards"].push_back(MemberToJson(member));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Cluster> Cluster::FromJson(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, what));
  try {
    Cluster cluster;
    cluster.pid = Integer<int64_t>(json.at("pid"));
    cluster.coordinator = MemberFromJson(json.at("coordinator"));
    cluster.oracle = MemberFromJson(json.at("oracle"));
    for (const Json& worker : json.at("workers")) {
      cluster.workers.push_back(MemberFromJson(worker));
    }
    if (json.contains("boards")) {
      for (const Json& boards : json.at("boards")) {
        cluster.boards.push_back(MemberFromJson(boards));
      }
    }
    return cluster;
  } catch (const Json::exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(what)
        .Message(absl::StrCat(what, ": not a cluster file: ", JsonErrorText(error),
                              "; 'niwaki up' writes it anew: remove it where no cluster runs"));
  }
}

std::string DefaultDataDir(const Environment& environment) {
  const auto own = environment("NIWAKI_DATA_DIR");
  if (own.has_value() && !own->empty()) return *own;
  const auto state = environment("XDG_STATE_HOME");
  if (state.has_value() && !state->empty()) return absl::StrCat(*state, "/niwaki");
  return "niwaki-data";
}

std::string ClusterFilePath(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/cluster.json");
}

absl::StatusOr<Cluster> ReadClusterFile(const std::string& data_dir) {
  const std::string path = ClusterFilePath(data_dir);
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxBytes));
  return Cluster::FromJson(text, path);
}

absl::Status WriteClusterFile(const std::string& data_dir, const Cluster& cluster) {
  return WriteFileAtomically(ClusterFilePath(data_dir), cluster.ToJson());
}

}  // namespace niwaki::cli
