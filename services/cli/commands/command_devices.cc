// niwaki devices

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

struct DevicesOptions {};

absl::Status RunDevices(Session& session, const DevicesOptions&) {
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Device> devices, oracle->ListDevices());
  if (session.json()) {
    Json list = Json::array();
    for (const v1::Device& device : devices) list.push_back(MessageToJson(device));
    session.PrintJson(Json{{"devices", std::move(list)}});
    return absl::OkStatus();
  }
  Table table({{"DEVICE"},
               {"CORE"},
               {"CLOCK", Align::kRight},
               {"SRAM", Align::kRight},
               {"FLASH", Align::kRight},
               {"POWER", Align::kRight},
               {"DESCRIPTION"}});
  for (const v1::Device& device : devices) {
    table.AddRow({jobfile::ResourceId(device.name()), device.core(),
                  absl::StrFormat("%.0f MHz", device.clock_hz() / 1e6),
                  FormatBytes(device.sram_bytes()), FormatBytes(device.flash_bytes()),
                  device.active_power_mw() > 0
                      ? absl::StrFormat("%.3g mW", device.active_power_mw())
                      : "unknown",
                  device.description()});
  }
  session.out() << table.ToString();
  return absl::OkStatus();
}

}  // namespace

void AddDevicesCommand(CLI::App& app, Session& session) {
  CLI::App* devices =
      AddSubcommand(app, "devices", "List the devices that the oracle knows", "niwaki devices");
  SetAction(devices, session, std::make_shared<DevicesOptions>(), RunDevices);
}

}  // namespace niwaki::cli
