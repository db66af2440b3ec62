// Networks exported, built for an emulated board and run there, for tests.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_BOARD_RUN_FOR_TEST_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_BOARD_RUN_FOR_TEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/sensor_files.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/emit/test_vector.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/sensor/sensor.h"

namespace niwaki {

// One exported network: its folder, and the output that its test vector must give.
struct Exported {
  std::string folder;
  engine::BillOfMaterials bill;
  std::vector<int8_t> output;
};

inline Exported Export(const engine::NamedNetwork& named, const engine::NetworkPlan& plan,
                       bool profile = false, engine::KernelSet kernels = engine::KernelSet::kFast) {
  engine::EmitOptions options;
  options.prefix = named.name;
  options.profile = profile;
  options.kernels = kernels;
  const auto files = engine::EmitC(named.network, plan, options);
  EXPECT_TRUE(files.ok()) << files.status();
  Exported exported;
  exported.folder = absl::StrCat(::testing::TempDir(), "/", named.name, "_",
                                 engine::KernelSetName(kernels), profile ? "_profiled" : "");
  exported.bill = engine::MakeBill(named.network, plan.memory, options, *files);
  NIWAKI_EXPECT_OK(engine::WriteExport(exported.folder, *files, exported.bill, /*force=*/true));
  exported.output = *engine::ReadTestOutput(files->at(named.name + "_test.h"), named.name);
  return exported;
}

inline Exported Export(const engine::NamedNetwork& named, bool profile = false,
                       engine::KernelSet kernels = engine::KernelSet::kFast) {
  return Export(named, engine::PlanNetwork(named.network.graph), profile, kernels);
}

// One whose folder begins at a sensor.
inline Exported Export(const engine::NamedNetwork& named, const engine::SensorOptions& sensor) {
  engine::EmitOptions options;
  options.prefix = named.name;
  const engine::NetworkPlan plan = engine::PlanNetwork(named.network.graph);
  auto files = engine::EmitC(named.network, plan, options);
  EXPECT_TRUE(files.ok()) << files.status();
  NIWAKI_EXPECT_OK(engine::AddSensor(named.network, options, sensor, *files));
  Exported exported;
  exported.folder = absl::StrCat(::testing::TempDir(), "/", named.name);
  exported.bill = engine::MakeBill(named.network, plan.memory, options, *files);
  exported.bill.sensor = engine::SensorToJson(sensor.sensor);
  NIWAKI_EXPECT_OK(engine::WriteExport(exported.folder, *files, exported.bill, /*force=*/true));
  exported.output = *engine::ReadTestOutput(files->at(named.name + "_test.h"), named.name);
  return exported;
}

inline std::string Build(const Exported& exported, const board::EmulatedBoard& board,
                         const std::vector<std::string>& float_flags = {"-mfloat-abi=soft"}) {
  board::FirmwareOptions options;
  options.board = board;
  options.folder = exported.folder;
  options.prefix = exported.bill.prefix;
  options.sources = exported.bill.sources;
  options.object_cache = board::ProcessObjects();
  options.profile = exported.bill.profile;
  options.flags = {"-std=c11", "-O2", "-ffunction-sections", "-Wall", "-Wextra", "-Werror"};
  options.flags.push_back("-ffp-contract=off");
  options.float_flags = float_flags;
  options.sensor = !exported.bill.sensor.is_null();
  options.work_folder = absl::StrCat(exported.folder, "_", board.name, "_", float_flags.size());
  NIWAKI_EXPECT_OK(MakeFolders(options.work_folder));
  const auto elf = board::BuildFirmware(options);
  EXPECT_TRUE(elf.ok()) << elf.status();
  return elf.value_or("");
}

inline board::FirmwareOutput RunOn(const std::string& elf, const board::EmulatedBoard& board) {
  board::EmulatorOptions options;
  options.board = board;
  options.elf_path = elf;
  const auto output = board::RunFirmware(options);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.value_or(board::FirmwareOutput());
}

}  // namespace niwaki

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_BOARD_RUN_FOR_TEST_H_
