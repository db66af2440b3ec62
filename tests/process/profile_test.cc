// Profiles as processes: the real oracle, the real niwaki-boards with emulated boards, the real
// command line.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/client/board_client.h"
#include "libs/client/oracle_client.h"
#include "libs/rpc/channel.h"
#include "tests/process/child_process.h"
#include "tests/process/test_cluster.h"

namespace niwaki::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Minutes(8);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr char kDevice[] = "devices/stm32f746";
// Exit codes.
constexpr int kCancelled = 130;
constexpr int kPrecondition = 4;

class ProfileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    const std::string address_file = Path("oracle.address");
    auto started = ChildProcess::Start(ProgramPath("services/oracle/niwaki-oracle"),
                                       {"--listen", "127.0.0.1:0", "--data-dir", Path("oracle"),
                                        "--address-file", address_file, "--board-ttl", "3"},
                                       Path("oracle.log"));
    NIWAKI_ASSERT_OK(started);
    oracle_ = *std::move(started);
    NIWAKI_ASSERT_OK_AND_ASSIGN(address_, AwaitFile(address_file, kPatience));
    client_ = std::make_unique<client::OracleClient>(address_);
    boards_ = std::make_unique<client::BoardClient>(client_->channel());
  }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  // Emulated ones, until they have shown that they are in order.
  std::unique_ptr<ChildProcess> StartBoards(const std::string& emulated,
                                            const std::vector<std::string>& names,
                                            const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments = {"--oracle",    address_,      "--name",     "lab",
                                          "--cache-dir", Path("cache"), "--emulated", emulated};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto started = ChildProcess::Start(ProgramPath("services/boards/niwaki-boards"), arguments,
                                       Path("boards.log"));
    EXPECT_TRUE(started.ok()) << started.status();
    for (const std::string& name : names) {
      EXPECT_TRUE(Await([&] {
        const auto board = boards_->GetBoard(name);
        return board.ok() && board->connected() && board->health() == v1::BOARD_HEALTH_GOOD;
      })) << name;
    }
    return started.ok() ? *std::move(started) : nullptr;
  }

  std::unique_ptr<ChildProcess> StartProfile(const std::string& log,
                                             const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments = {"--oracle", address_,   "--output",  "json",    "oracle",
                                          "profile",  "--device", "stm32f746", "--space", "kws"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto started = ChildProcess::Start(ProgramPath("services/cli/niwaki"), arguments, Path(log));
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }

  // The summary that a profile prints last.
  Json Summary(const std::string& log) {
    const std::string text = ReadFile(Path(log)).value_or("");
    const size_t begin = text.find('{');
    const auto json = ParseJson(begin == std::string::npos ? "" : text.substr(begin), log);
    EXPECT_TRUE(json.ok()) << text << Logs();
    return json.ok() ? *json : Json::object();
  }

  Json Profile(const std::string& log, const std::vector<std::string>& flags = {}) {
    const auto profile = StartProfile(log, flags);
    EXPECT_THAT(profile->Wait(kPatience), IsOkAndHolds(0))
        << ReadFile(Path(log)).value_or("") << Logs();
    return Summary(log);
  }

  std::vector<v1::LookupEntry> Rows() {
    std::vector<v1::LookupEntry> rows;
    NIWAKI_EXPECT_OK(client_->ForEachLookupEntry(kDevice, 0, [&](const v1::LookupEntry& row) {
      rows.push_back(row);
      return true;
    }));
    return rows;
  }

  bool Await(const std::function<bool()>& condition) {
    Clock& clock = Clock::Real();
    for (const absl::Time end = clock.Now() + kPatience; clock.Now() < end; clock.Sleep(kPoll)) {
      if (condition()) return true;
    }
    ADD_FAILURE() << Logs();
    return false;
  }

  std::string Logs() const {
    return absl::StrCat("\n--- oracle\n", ReadFile(Path("oracle.log")).value_or(""),
                        "\n--- boards\n", ReadFile(Path("boards.log")).value_or(""));
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  std::string address_;
  std::unique_ptr<ChildProcess> oracle_;
  std::unique_ptr<client::OracleClient> client_;
  std::unique_ptr<client::BoardClient> boards_;
};

TEST_F(ProfileTest, InterruptedProfileGoesOnAndItsTableAnswers) {
  const auto boards = StartBoards("m7", {"boards/lab-m7"});
  const auto first = StartProfile("first.json", {"--batch", "32"});
  ASSERT_TRUE(Await([this] { return !Rows().empty(); }));
  first->Signal(SIGINT);
  EXPECT_THAT(first->Wait(kPatience), IsOkAndHolds(kCancelled)) << Logs();

  const Json second = Profile("second.json");
  const Json third = Profile("third.json");

  const int64_t operators = second["operators"];
  std::cout << operators << " operators, " << second["operators_per_second"] << "/s\n";
  EXPECT_GT(second["there_already"], 0);
  EXPECT_LT(second["there_already"], operators);
  EXPECT_TRUE(second["failed"].empty()) << second;
  EXPECT_EQ(second["missing"], 0);
  EXPECT_EQ(third["there_already"], operators);
  EXPECT_EQ(third["measured"], 0);
  const std::vector<v1::LookupEntry> rows = Rows();
  EXPECT_EQ(static_cast<int64_t>(rows.size()), operators);
  for (const v1::LookupEntry& row : rows) {
    EXPECT_EQ(row.provenance(), v1::PROVENANCE_EMULATED);
    EXPECT_EQ(row.unit(), "instructions");
    EXPECT_EQ(row.board(), "boards/lab-m7");
    EXPECT_FALSE(row.superseded());
    EXPECT_GT(row.counted(), 0);
    EXPECT_FALSE(row.build().engine_version().empty());
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse device, client_->GetDevice(kDevice));
  ASSERT_EQ(device.row_sets_size(), 1);
  EXPECT_TRUE(device.row_sets(0).used());
  EXPECT_EQ(device.row_sets(0).rows(), operators);
}

TEST_F(ProfileTest, AnotherFirmwareUnderARunningProfileMeasuresAnewAndNothingMixes) {
  auto boards = StartBoards("m7", {"boards/lab-m7"});
  const auto profile = StartProfile("profile.json", {"--batch", "32"});
  ASSERT_TRUE(Await([this] { return !Rows().empty(); }));
  const std::string before = Rows()[0].build().firmware_digest();
  boards->Kill();
  // The same compiler under another version makes another firmware.
  const std::string compiler = Path("gcc");
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      compiler,
      "#!/bin/sh\nif [ \"$1\" = --version ]; then echo another gcc; exit 0; fi\n"
      "exec arm-none-eabi-gcc \"$@\"\n"));
  ASSERT_EQ(chmod(compiler.c_str(), 0755), 0);
  boards = StartBoards("m7", {}, {"--compiler", compiler});

  ASSERT_THAT(profile->Wait(kPatience), IsOkAndHolds(0))
      << ReadFile(Path("profile.json")).value_or("") << Logs();

  const Json summary = Summary("profile.json");
  EXPECT_EQ(summary["missing"], 0) << summary;
  std::map<std::string, int64_t> used;
  std::set<std::string> superseded;
  for (const v1::LookupEntry& row : Rows()) {
    if (row.superseded()) {
      superseded.insert(row.build().firmware_digest());
    } else {
      ++used[row.build().firmware_digest()];
    }
  }
  // The rows of before stay, marked; those of today are all there, of one firmware.
  EXPECT_EQ(superseded, std::set<std::string>{before});
  ASSERT_EQ(used.size(), 1u);
  EXPECT_EQ(used.begin()->second, summary["operators"].get<int64_t>());
}

TEST_F(ProfileTest, DeviceWithoutABoardSaysWhatIsLacking) {
  const auto profile = StartProfile("profile.json");
  EXPECT_THAT(profile->Wait(kPatience), IsOkAndHolds(kPrecondition));
  EXPECT_THAT(ReadFile(Path("profile.json")).value_or(""),
              HasSubstr("no board can measure for stm32f746"));
}

}  // namespace
}  // namespace niwaki::testing
