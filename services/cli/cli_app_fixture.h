// One command line against a fake cluster, for tests.

#ifndef NIWAKI_SERVICES_CLI_CLI_APP_FIXTURE_H_
#define NIWAKI_SERVICES_CLI_CLI_APP_FIXTURE_H_

#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "services/cli/cli_app.h"
#include "services/cli/cluster/fake_cluster.h"

namespace niwaki::cli {

class CliAppTest : public ::testing::Test {
 protected:
  // Runs one command line against the fake cluster; returns the exit code.
  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    SessionOptions options;
    options.out = &out_;
    options.err = &err_;
    options.program_path = "/nowhere/niwaki";
    options.client.retry.max_attempts = 1;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto it = environment_.find(name);
      if (it == environment_.end()) return std::nullopt;
      return it->second;
    };
    Session session(std::move(options));
    return RunCli(arguments, session);
  }

  Json OutJson() {
    const auto json = ParseJson(out_.str(), "stdout");
    EXPECT_THAT(json, IsOk()) << out_.str();
    return json.ok() ? *json : Json();
  }

  std::string WriteTemporary(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
    EXPECT_THAT(WriteFileAtomically(path, content), IsOk());
    return path;
  }

  std::string JobFile() {
    return WriteTemporary("job.yaml", "supernet: kws\ndevice: stm32f746\nmax_candidates: 8\n");
  }

  FakeCluster cluster_;
  std::map<std::string, std::string> environment_ = {{"NIWAKI_COORDINATOR", cluster_.address()},
                                                     {"NIWAKI_ORACLE", cluster_.address()}};
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLI_APP_FIXTURE_H_
