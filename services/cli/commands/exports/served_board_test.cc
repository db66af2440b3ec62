// Exported networks in firmware that waits for a host: input after input without a start in
// between, on every emulated board, byte for byte what the host computes.

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/emulator_process.h"
#include "libs/board/port/deadline.h"
#include "libs/board/protocol/message.h"
#include "libs/board/session/board_session.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/host/runner.h"
#include "services/cli/commands/exports/board_run_for_test.h"

namespace niwaki {
namespace {

std::string Served(const Exported& exported, const board::EmulatedBoard& board) {
  board::FirmwareOptions options;
  options.board = board;
  options.program = board::FirmwareProgram::kServe;
  options.folder = exported.folder;
  options.prefix = exported.bill.prefix;
  options.sources = exported.bill.sources;
  options.profile = exported.bill.profile;
  options.flags = {"-std=c11", "-O2", "-ffunction-sections", "-Wall", "-Wextra", "-Werror"};
  options.object_cache = board::ProcessObjects();
  options.work_folder = absl::StrCat(exported.folder, "_served_", board.name);
  NIWAKI_EXPECT_OK(MakeFolders(options.work_folder));
  const auto elf = board::BuildFirmware(options);
  EXPECT_TRUE(elf.ok()) << elf.status();
  return elf.value_or("");
}

void ExpectHostsBytes(const engine::NamedNetwork& named, board::BoardSession& session) {
  auto runner = engine::HostRunner::Create(&named.network);
  NIWAKI_ASSERT_OK(runner);
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  for (int turn = 0; turn < 3; ++turn) {
    std::vector<int8_t> input(session.identity().input_bytes);
    for (int8_t& level : input) level = static_cast<int8_t>(random.Uniform(256));
    NIWAKI_ASSERT_OK(session.WriteInput(input));
    const auto figures = session.Run(board::RunSource::kInput);
    NIWAKI_ASSERT_OK(figures);
    const auto output = session.ReadOutput();
    NIWAKI_ASSERT_OK(output);
    const auto expected = runner->Run(input);
    NIWAKI_ASSERT_OK(expected);
    EXPECT_EQ(*output, std::vector<int8_t>(expected->begin(), expected->end()));
    const auto operators = session.ReadOperators();
    NIWAKI_ASSERT_OK(operators);
    const uint64_t sum = std::accumulate(operators->begin(), operators->end(), uint64_t{0});
    EXPECT_LE(sum, figures->ticks);
    EXPECT_GT(sum, figures->ticks / 2);
  }
}

TEST(ServedBoardTest, EveryInputOnEveryBoardGivesTheHostsBytes) {
  const engine::NamedNetwork named = {"served", engine::BottleneckNetwork(1)};
  const Exported exported = Export(named, /*profile=*/true);
  for (const board::EmulatedBoard& board : board::EmulatedBoards()) {
    SCOPED_TRACE(board.name);
    board::EmulatorOptions options;
    options.board = board;
    options.elf_path = Served(exported, board);
    const auto emulator =
        board::EmulatorProcess::Start(options, board::Deadline::After(absl::Minutes(1)));
    NIWAKI_ASSERT_OK(emulator);
    board::SessionOptions session_options;
    session_options.timeouts.identify = absl::Minutes(1);
    const auto session = board::BoardSession::Open((*emulator)->TakePort(), session_options);
    NIWAKI_ASSERT_OK(session);
    NIWAKI_ASSERT_OK((*session)->Run(board::RunSource::kTestVector));
    EXPECT_THAT((*session)->ReadOutput(), IsOkAndHolds(exported.output));
    ExpectHostsBytes(named, **session);
  }
}

}  // namespace
}  // namespace niwaki
