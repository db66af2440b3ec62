#include "services/boards/network_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "libs/base/clock.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/failure/failure.h"
#include "libs/board/run/board_run.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule_kind.h"
#include "services/boards/canary_network.h"

namespace niwaki::boards {
namespace {

// Not a name of the firmware's own headers.
constexpr char kPrefix[] = "measured";
constexpr int kMaxLevels = 256;

void ApplyBill(const engine::BillOfMaterials& bill, board::FirmwareOptions& firmware) {
  firmware.prefix = bill.prefix;
  firmware.sources = bill.sources;
  firmware.profile = bill.profile;
  firmware.flags = absl::StrSplit(bill.compiler_flags, ' ', absl::SkipEmpty());
  firmware.network_digest = bill.network_digest;
}

// The plan that was asked for. InvalidArgument for a schedule that the network does not have.
absl::StatusOr<engine::NamedPlan> PlanOf(const BoardSetup& setup, const arch::Graph& graph,
                                         const std::string& schedule, int64_t stack_bytes) {
  engine::NetworkPlanner planner;
  const absl::Span<const engine::NamedPlan> plans = planner.Schedules(graph);
  const int64_t limit = setup.config.target.ram_bytes - stack_bytes - kFirmwareRam;
  std::string names;
  for (const engine::NamedPlan& plan : plans) {
    const absl::string_view name = engine::ScheduleKindName(plan.kind);
    absl::StrAppend(&names, names.empty() ? "" : ", ", name);
    const bool wanted =
        schedule.empty() ? plan.planned.plan.memory.arena_bytes <= limit : name == schedule;
    if (wanted) return plan;
  }
  // The linker says how much is missing.
  if (schedule.empty()) return plans.back();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("schedule")
      .Value(schedule)
      .Limit(names)
      .Message(absl::StrCat("the network has no schedule '", schedule, "': ", names));
}

// One run of one network, phase by phase.
class NetworkRun {
 public:
  NetworkRun(const BoardSetup& setup, const engine::QuantisedNetwork& network,
             const RunRequest& request)
      : setup_(setup), network_(network), request_(request) {}

  RunOutcome Run() {
    const std::pair<const char*, absl::Status (NetworkRun::*)()> kPhases[] = {
        {"emit", &NetworkRun::Emit},       {"build", &NetworkRun::Build},
        {"connect", &NetworkRun::Connect}, {"run", &NetworkRun::RunInputs},
        {"check", &NetworkRun::Check},
    };
    RunOutcome outcome;
    for (const auto& [name, phase] : kPhases) {
      const absl::Time begin = Clock::Real().Now();
      outcome.status = (this->*phase)();
      if (!outcome.status.ok()) {
        outcome.failed_phase = name;
        return outcome;
      }
      v1::MeasurementPhase& took = *result_.add_phases();
      took.set_name(name);
      took.set_seconds(absl::ToDoubleSeconds(Clock::Real().Now() - begin));
    }
    outcome.result = std::move(result_);
    return outcome;
  }

 private:
  absl::Status Emit() {
    NIWAKI_ASSIGN_OR_RETURN(folder_, TemporaryFolder::Create());
    NIWAKI_ASSIGN_OR_RETURN(work_, TemporaryFolder::Create());
    NIWAKI_RETURN_IF_ERROR(engine::Validate(network_));
    NIWAKI_ASSIGN_OR_RETURN(
        const engine::NamedPlan plan,
        PlanOf(setup_, network_.graph, request_.schedule, firmware_.stack_bytes));
    const engine::EmitOptions options = EmitOptionsOfBoards();
    const engine::NetworkPlan& network_plan = plan.planned.plan;
    NIWAKI_ASSIGN_OR_RETURN(const engine::FileTree files,
                            engine::EmitC(network_, network_plan, options));
    NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder_->path(), files));
    bill_ = engine::MakeBill(network_, network_plan.memory, options, files);
    result_.set_schedule(std::string(engine::ScheduleKindName(plan.kind)));
    result_.set_arena_bytes(bill_.arena_bytes);
    result_.set_bill_digest(Sha256Hex(engine::BillToText(bill_)));
    return absl::OkStatus();
  }

  absl::Status Build() {
    board::ApplyBoardConfig(setup_.config, firmware_);
    ApplyBill(bill_, firmware_);
    firmware_.compiler = setup_.compiler;
    firmware_.folder = folder_->path();
    firmware_.work_folder = work_->path();
    firmware_.object_cache = board::ProcessObjects();
    NIWAKI_ASSIGN_OR_RETURN(elf_, board::BuildFirmware(firmware_));
    NIWAKI_ASSIGN_OR_RETURN(expected_.firmware_digest, board::FirmwareDigest(firmware_));
    expected_.network_digest = firmware_.network_digest;
    expected_.core = setup_.config.target.core;
    NIWAKI_ASSIGN_OR_RETURN(const board::ElfSizes sizes, board::ReadElfSizes(elf_));
    result_.set_flash_bytes(sizes.flash());
    result_.set_sram_bytes(sizes.ram());
    return absl::OkStatus();
  }

  absl::Status Connect() {
    NIWAKI_ASSIGN_OR_RETURN(
        connected_, board::ConnectedBoard::Connect(setup_.config, elf_, expected_, EntropySeed()));
    const board::BoardIdentity& identity = connected_->session().identity();
    if (!setup_.config.flash.argv.empty()) result_.set_flash_writes(1);
    FillIdentity(setup_, identity, result_);
    return absl::OkStatus();
  }

  absl::Status RunInputs() {
    NIWAKI_ASSIGN_OR_RETURN(inputs_, Inputs());
    operator_ticks_.assign(bill_.operators.size(), 0);
    for (const std::vector<int8_t>& input : inputs_) NIWAKI_RETURN_IF_ERROR(RunOne(input));
    // The board is another's now, or its emulator's memory ours.
    connected_.reset();
    FillFigures();
    return absl::OkStatus();
  }

  absl::Status RunOne(const std::vector<int8_t>& input) {
    board::BoardSession& session = connected_->session();
    NIWAKI_RETURN_IF_ERROR(session.WriteInput(input));
    NIWAKI_ASSIGN_OR_RETURN(const board::RunFigures figures, session.Run(board::RunSource::kInput));
    NIWAKI_ASSIGN_OR_RETURN(std::vector<int8_t> output, session.ReadOutput());
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<uint64_t> operators, session.ReadOperators());
    outputs_.push_back(std::move(output));
    identity_ = session.identity();
    counts_.push_back(CountOf(setup_, identity_, figures.ticks));
    for (size_t i = 0; i < std::min(operators.size(), operator_ticks_.size()); ++i) {
      operator_ticks_[i] += operators[i];
    }
    result_.set_stack_bytes(std::max<int64_t>(result_.stack_bytes(), figures.stack_bytes));
    return absl::OkStatus();
  }

  void FillFigures() {
    const auto runs = static_cast<int64_t>(counts_.size());
    int64_t sum = 0;
    for (const int64_t count : counts_) sum += count;
    result_.set_count((sum + runs / 2) / runs);
    result_.set_count_low(*std::min_element(counts_.begin(), counts_.end()));
    result_.set_count_high(*std::max_element(counts_.begin(), counts_.end()));
    result_.set_inputs(static_cast<int32_t>(runs));
    for (size_t i = 0; i < operator_ticks_.size(); ++i) {
      v1::OperatorFigure& op = *result_.add_operators();
      op.set_text(bill_.operators[i].text);
      op.set_macs(bill_.operators[i].macs);
      op.set_count(CountOf(setup_, identity_, operator_ticks_[i]) / runs);
    }
  }

  absl::Status Check() {
    NIWAKI_ASSIGN_OR_RETURN(engine::HostRunner host, engine::HostRunner::Create(&network_));
    std::string all;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> expected, host.Run(inputs_[i]));
      NIWAKI_RETURN_IF_ERROR(CheckOutput(static_cast<int>(i), expected));
      all.append(outputs_[i].begin(), outputs_[i].end());
    }
    result_.set_outputs_digest(Sha256Hex(all));
    return absl::OkStatus();
  }

  absl::Status CheckOutput(int index, absl::Span<const int8_t> expected) const {
    const std::vector<int8_t>& output = outputs_[index];
    size_t wrong = 0;
    size_t first = 0;
    for (size_t i = 0; i < std::max(output.size(), expected.size()); ++i) {
      if (i < output.size() && i < expected.size() && output[i] == expected[i]) continue;
      if (wrong++ == 0) first = i;
    }
    if (wrong == 0) return absl::OkStatus();
    return Error(absl::StatusCode::kDataLoss, reason::kBoardWrongOutput)
        .Field("output")
        .Value(wrong)
        .Limit(0)
        .Message(absl::StrCat(wrong, " of ", expected.size(), " bytes of the output of input ",
                              index, " are not the host's, the first at ", first));
  }

  absl::StatusOr<std::vector<std::vector<int8_t>>> Inputs() const {
    NIWAKI_ASSIGN_OR_RETURN(const engine::HostRunner host, engine::HostRunner::Create(&network_));
    const auto size = static_cast<size_t>(network_.graph.shape(host.input()).elements());
    std::vector<std::vector<int8_t>> inputs;
    const std::string& given = request_.input_bytes;
    if (given.empty()) {
      Random random(request_.seed);
      for (int i = 0; i < request_.inputs; ++i) {
        std::vector<int8_t>& input = inputs.emplace_back(size);
        for (int8_t& level : input) level = static_cast<int8_t>(random.Uniform(kMaxLevels));
      }
      return inputs;
    }
    if (given.size() % size != 0) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("inputs_digest")
          .Value(given.size())
          .Limit(absl::StrCat("a multiple of ", size))
          .Message(absl::StrCat("the file of inputs has ", given.size(),
                                " bytes; an input of the network has ", size));
    }
    for (size_t at = 0; at < given.size(); at += size) {
      inputs.emplace_back(given.begin() + at, given.begin() + at + size);
    }
    return inputs;
  }

  const BoardSetup& setup_;
  const engine::QuantisedNetwork& network_;
  const RunRequest& request_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<TemporaryFolder> work_;
  engine::BillOfMaterials bill_;
  board::FirmwareOptions firmware_;
  board::ExpectedIdentity expected_;
  std::string elf_;
  std::unique_ptr<board::ConnectedBoard> connected_;
  std::vector<std::vector<int8_t>> inputs_;
  std::vector<std::vector<int8_t>> outputs_;
  std::vector<int64_t> counts_;
  std::vector<uint64_t> operator_ticks_;
  board::BoardIdentity identity_;
  v1::MeasurementResult result_;
};

// Whether an error of a phase before the board is the network's own.
bool IsOfNetwork(absl::string_view phase, const absl::Status& status) {
  const std::string reason = GetErrorDetail(status).value_or(ErrorDetail{}).reason;
  if (reason == reason::kBudgetUnsatisfiable || reason == reason::kArtifactUnknown) return true;
  if (reason == reason::kToolMissing || phase == "build") return false;
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

bool IsBeforeBoard(absl::string_view phase) {
  return phase == "fetch" || phase == "emit" || phase == "build";
}

board::FailureClass ClassOf(absl::string_view phase, const absl::Status& status) {
  // A file of inputs that does not fit the network.
  if (phase == "run" && absl::IsInvalidArgument(status)) return board::FailureClass::kCandidate;
  const board::FailureClass general = board::FailureClassOf(status);
  if (!IsBeforeBoard(phase)) return general;
  if (IsOfNetwork(phase, status)) return board::FailureClass::kCandidate;
  return general == board::FailureClass::kConfiguration ? general
                                                        : board::FailureClass::kInfrastructure;
}

}  // namespace

RunOutcome RunNetwork(const BoardSetup& setup, const engine::QuantisedNetwork& network,
                      const RunRequest& request) {
  return NetworkRun(setup, network, request).Run();
}

v1::MeasurementFailure FailureOf(absl::string_view phase, const absl::Status& status) {
  v1::MeasurementFailure failure;
  failure.set_failure_class(std::string(board::FailureClassName(ClassOf(phase, status))));
  failure.set_code(static_cast<int>(status.code()));
  failure.set_reason(GetErrorDetail(status).value_or(ErrorDetail{}).reason);
  failure.set_message(absl::StrCat(phase, ": ", status.message()));
  for (const ErrorItem& item : GetErrorItems(status)) {
    failure.add_chain(absl::StrCat(item.name, ": ", item.problem));
  }
  return failure;
}

engine::EmitOptions EmitOptionsOfBoards() {
  engine::EmitOptions options;
  options.prefix = kPrefix;
  options.profile = true;
  return options;
}

bool IsEmulated(const BoardSetup& setup) {
  return setup.config.port.kind == board::PortKind::kEmulator;
}

void FillIdentity(const BoardSetup& setup, const board::BoardIdentity& identity,
                  v1::MeasurementResult& result) {
  result.set_clock_hz(identity.clock_hz);
  result.set_firmware_digest(identity.firmware_digest);
  result.set_network_digest(identity.network_digest);
  result.set_serial_number(identity.serial_number);
  result.set_stack_limit_bytes(identity.stack_bytes);
  result.set_compiler_digest(setup.compiler_digest);
  const bool emulated = IsEmulated(setup);
  result.set_provenance(emulated ? v1::PROVENANCE_EMULATED : v1::PROVENANCE_MEASURED);
  result.set_unit(emulated ? "instructions" : "cycles");
}

int64_t CountOf(const BoardSetup& setup, const board::BoardIdentity& identity, uint64_t ticks) {
  const auto emulated = board::FindEmulatedBoard(setup.config.port.address);
  if (IsEmulated(setup) && emulated.ok()) {
    return static_cast<int64_t>(board::InstructionsOf(*emulated, ticks));
  }
  if (identity.tick_hz == 0 || identity.tick_hz == identity.clock_hz) {
    return static_cast<int64_t>(ticks);
  }
  return static_cast<int64_t>(static_cast<double>(ticks) * static_cast<double>(identity.clock_hz) /
                              static_cast<double>(identity.tick_hz));
}

absl::StatusOr<board::FirmwareOptions> FirmwareOf(const BoardSetup& setup) {
  const engine::QuantisedNetwork network = CanaryNetwork();
  const engine::NetworkPlan plan = engine::PlanNetwork(network.graph);
  const engine::EmitOptions options = EmitOptionsOfBoards();
  NIWAKI_ASSIGN_OR_RETURN(const engine::FileTree files, engine::EmitC(network, plan, options));
  board::FirmwareOptions firmware;
  board::ApplyBoardConfig(setup.config, firmware);
  ApplyBill(engine::MakeBill(network, plan.memory, options, files), firmware);
  firmware.compiler = setup.compiler;
  firmware.sources.clear();
  firmware.network_digest.clear();
  return firmware;
}

absl::StatusOr<std::string> FirmwareDigestOf(const BoardSetup& setup) {
  NIWAKI_ASSIGN_OR_RETURN(const board::FirmwareOptions firmware, FirmwareOf(setup));
  return board::FirmwareDigest(firmware);
}

}  // namespace niwaki::boards
