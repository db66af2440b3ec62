#include "services/cli/cluster/cluster_file.h"

#include <cstdlib>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

Environment FakeEnvironment(std::map<std::string, std::string> values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto it = values.find(name);
    if (it == values.end()) return std::nullopt;
    return it->second;
  };
}

TEST(ClusterFileTest, WhatIsWrittenIsRead) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/cluster");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  Cluster cluster;
  cluster.pid = 10;
  cluster.coordinator = {"coordinator", "127.0.0.1:5", 11};
  cluster.oracle = {"oracle", "127.0.0.1:6", 12};
  cluster.workers = {{"w0", "", 13}, {"w1", "", 14}};
  cluster.boards = {{"boards", "", 15}};

  NIWAKI_ASSERT_OK(WriteClusterFile(folder, cluster));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cluster read, ReadClusterFile(folder));

  EXPECT_EQ(read.pid, 10);
  EXPECT_EQ(read.coordinator.address, "127.0.0.1:5");
  EXPECT_EQ(read.oracle.pid, 12);
  ASSERT_EQ(read.workers.size(), 2);
  EXPECT_EQ(read.workers[1].name, "w1");
  ASSERT_EQ(read.boards.size(), 1);
  EXPECT_EQ(read.boards[0].pid, 15);
}

TEST(ClusterFileTest, OtherJsonIsRefused) {
  for (const char* text : {"", "[]", "{}", "3", R"({"pid": "x"})", R"({"pid": 1, "oracle": 2})"}) {
    EXPECT_THAT(Cluster::FromJson(text, "cluster.json"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << text;
  }
  EXPECT_THAT(Cluster::FromJson("{}", "d/cluster.json"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "d/cluster.json: not a cluster file: key 'pid' not found; 'niwaki up'"));
  EXPECT_THAT(Cluster::FromJson("[]", "d/cluster.json"),
              StatusIs(absl::StatusCode::kInvalidArgument, "not a cluster file: cannot use"));
}

TEST(ClusterFileTest, DataDirFollowsTheEnvironment) {
  EXPECT_EQ(DefaultDataDir(FakeEnvironment({})), "niwaki-data");
  EXPECT_EQ(DefaultDataDir(FakeEnvironment({{"XDG_STATE_HOME", "/s"}})), "/s/niwaki");
  EXPECT_EQ(DefaultDataDir(FakeEnvironment({{"XDG_STATE_HOME", "/s"}, {"NIWAKI_DATA_DIR", "/d"}})),
            "/d");
}

}  // namespace
}  // namespace niwaki::cli
