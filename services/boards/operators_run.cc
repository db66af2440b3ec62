#include "services/boards/operators_run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/run/board_run.h"
#include "libs/board/session/board_session.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/operators_c.h"
#include "libs/latency/op_form.h"
#include "services/boards/lone_operator.h"

namespace niwaki::boards {
namespace {

constexpr int kDefaultSamples = 2;
// Of flash, for the firmware, kernels and what operators have besides weights.
constexpr int64_t kFirmwareFlash = 64 * 1024;
constexpr int64_t kFlashOfOperator = 512;

// Weights and what comes for each channel.
int64_t FlashOf(const engine::LoneOperator& op) {
  int64_t bytes = kFlashOfOperator;
  for (const engine::QuantisedWeight& weight : op.network.weights) {
    constexpr int64_t kBytesOfChannel = 9;
    bytes += static_cast<int64_t>(weight.values.size()) +
             kBytesOfChannel * static_cast<int64_t>(weight.biases.size());
  }
  return bytes;
}

// What of the operators is in one firmware.
struct Image {
  // Places in the list that was asked for.
  std::vector<int> indices;
  std::vector<engine::LoneOperator> operators;
  int64_t flash_bytes = 0;
};

class OperatorsRun {
 public:
  OperatorsRun(const BoardSetup& setup, const v1::OperatorsMeasurement& wanted)
      : setup_(setup),
        wanted_(wanted),
        samples_(wanted.samples() > 0 ? wanted.samples() : kDefaultSamples),
        counts_(wanted.operators_size()) {}

  RunOutcome Run() {
    RunOutcome outcome;
    outcome.status = Phase("emit", [this] { return MakeImages(); });
    for (size_t i = 0; i < images_.size() && outcome.status.ok(); ++i) {
      outcome.status = RunImage(images_[i]);
    }
    if (!outcome.status.ok()) {
      outcome.failed_phase = phase_;
      return outcome;
    }
    FillFigures();
    outcome.result = std::move(result_);
    return outcome;
  }

 private:
  template <typename Work>
  absl::Status Phase(const char* name, const Work& work) {
    phase_ = name;
    const absl::Time begin = Clock::Real().Now();
    const absl::Status status = work();
    seconds_[name] += absl::ToDoubleSeconds(Clock::Real().Now() - begin);
    return status;
  }

  absl::Status MakeImages() {
    NIWAKI_ASSIGN_OR_RETURN(firmware_, FirmwareOf(setup_));
    const board::FirmwareTarget& target = setup_.config.target;
    const int64_t ram = target.ram_bytes - firmware_.stack_bytes - kFirmwareRam;
    const int64_t flash = target.flash_bytes - kFirmwareFlash;
    for (int i = 0; i < wanted_.operators_size(); ++i) {
      v1::MeasuredOperator& measured = *result_.add_measured();
      *measured.mutable_op() = wanted_.operators(i);
      absl::StatusOr<engine::LoneOperator> op = Make(wanted_.operators(i), i);
      if (!op.ok()) {
        measured.set_problem(std::string(op.status().message()));
        continue;
      }
      const int64_t arena = engine::ArenaOf(*op);
      const int64_t constants = FlashOf(*op);
      if (arena > ram || constants > flash) {
        const bool of_ram = arena > ram;
        measured.set_problem(absl::StrCat("it needs ", of_ram ? arena : constants, " bytes of ",
                                          of_ram ? "RAM" : "flash", ", the board has ",
                                          of_ram ? ram : flash));
        continue;
      }
      if (images_.empty() || images_.back().flash_bytes + constants > flash) {
        images_.emplace_back();
      }
      images_.back().indices.push_back(i);
      images_.back().operators.push_back(*std::move(op));
      images_.back().flash_bytes += constants;
    }
    if (!images_.empty()) return absl::OkStatus();
    return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
        .Field("operators")
        .Message(absl::StrCat("none of ", wanted_.operators_size(),
                              " operators can run: ", result_.measured(0).problem()));
  }

  absl::StatusOr<engine::LoneOperator> Make(const v1::OperatorToMeasure& op, int index) const {
    latency::EmittedOp emitted;
    NIWAKI_ASSIGN_OR_RETURN(emitted.signature, latency::OpSignature::FromText(op.signature()));
    const auto form = latency::OpFormOf(op.form());
    if (!form.has_value()) {
      return absl::UnimplementedError(
          absl::StrCat("no kernel runs it in the form '", op.form(), "'"));
    }
    emitted.form = *form;
    return MakeLoneOperator(
        emitted, Mix64(static_cast<uint64_t>(wanted_.seed())) + static_cast<uint64_t>(index));
  }

  absl::Status RunImage(const Image& image) {
    NIWAKI_RETURN_IF_ERROR(Phase("build", [&] { return Build(image); }));
    NIWAKI_RETURN_IF_ERROR(Phase("connect", [&] { return Connect(); }));
    std::vector<std::vector<int8_t>> outputs;
    NIWAKI_RETURN_IF_ERROR(Phase("run", [&] { return RunSamples(image, outputs); }));
    return Phase("check", [&] { return Check(image, outputs); });
  }

  absl::Status Build(const Image& image) {
    NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFolder> folder,
                            TemporaryFolder::Create());
    NIWAKI_ASSIGN_OR_RETURN(work_, TemporaryFolder::Create());
    NIWAKI_ASSIGN_OR_RETURN(const engine::OperatorsC emitted,
                            engine::EmitOperators(image.operators, EmitOptionsOfBoards()));
    NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder->path(), emitted.files));
    board::FirmwareOptions firmware = firmware_;
    firmware.sources = engine::SourcesOf(emitted.files);
    firmware.network_digest = emitted.digest;
    firmware.folder = folder->path();
    firmware.work_folder = work_->path();
    firmware.object_cache = board::ProcessObjects();
    NIWAKI_ASSIGN_OR_RETURN(elf_, board::BuildFirmware(firmware));
    NIWAKI_ASSIGN_OR_RETURN(expected_.firmware_digest, board::FirmwareDigest(firmware));
    expected_.network_digest = emitted.digest;
    expected_.core = setup_.config.target.core;
    NIWAKI_ASSIGN_OR_RETURN(const board::ElfSizes sizes, board::ReadElfSizes(elf_));
    result_.set_flash_bytes(std::max<int64_t>(result_.flash_bytes(), sizes.flash()));
    result_.set_sram_bytes(std::max<int64_t>(result_.sram_bytes(), sizes.ram()));
    result_.set_arena_bytes(std::max(result_.arena_bytes(), emitted.arena_bytes));
    return absl::OkStatus();
  }

  absl::Status Connect() {
    NIWAKI_ASSIGN_OR_RETURN(
        connected_, board::ConnectedBoard::Connect(setup_.config, elf_, expected_, EntropySeed()));
    if (!setup_.config.flash.argv.empty()) result_.set_flash_writes(result_.flash_writes() + 1);
    identity_ = connected_->session().identity();
    FillIdentity(setup_, identity_, result_);
    return absl::OkStatus();
  }

  // Of the inputs of a run.
  uint32_t SeedOf(int sample) const {
    return static_cast<uint32_t>(
        Mix64(static_cast<uint64_t>(wanted_.seed()) ^ (static_cast<uint64_t>(sample) + 1) << 32));
  }

  absl::Status RunSamples(const Image& image, std::vector<std::vector<int8_t>>& outputs) {
    board::BoardSession& session = connected_->session();
    for (int sample = 0; sample < samples_; ++sample) {
      std::vector<int8_t> input;
      for (int i = 0; i < engine::kSeedBytes; ++i) {
        input.push_back(static_cast<int8_t>(SeedOf(sample) >> (8 * i)));
      }
      NIWAKI_RETURN_IF_ERROR(session.WriteInput(input));
      NIWAKI_ASSIGN_OR_RETURN(const board::RunFigures figures,
                              session.Run(board::RunSource::kInput));
      NIWAKI_ASSIGN_OR_RETURN(outputs.emplace_back(), session.ReadOutput());
      NIWAKI_ASSIGN_OR_RETURN(const std::vector<uint64_t> ticks, session.ReadOperators());
      result_.set_stack_bytes(std::max<int64_t>(result_.stack_bytes(), figures.stack_bytes));
      NIWAKI_RETURN_IF_ERROR(Note(image, figures, ticks));
    }
    // The board is another's now, or its emulator's memory ours.
    connected_.reset();
    return absl::OkStatus();
  }

  // Counts that cannot be are no figures.
  absl::Status Note(const Image& image, const board::RunFigures& figures,
                    const std::vector<uint64_t>& ticks) {
    uint64_t sum = 0;
    bool whole = ticks.size() == image.indices.size();
    for (const uint64_t one : ticks) {
      whole = whole && one > 0 && one <= figures.ticks;
      sum += one;
    }
    if (!whole || sum > figures.ticks) {
      return Error(absl::StatusCode::kDataLoss, reason::kBoardGarbled)
          .Field("operators")
          .Value(sum)
          .Limit(figures.ticks)
          .Message(absl::StrCat("the board says that ", ticks.size(), " operators took ", sum,
                                " ticks, of a run that took ", figures.ticks));
    }
    for (size_t i = 0; i < ticks.size(); ++i) {
      counts_[image.indices[i]].push_back(
          static_cast<double>(CountOf(setup_, identity_, ticks[i])));
    }
    return absl::OkStatus();
  }

  absl::Status Check(const Image& image, const std::vector<std::vector<int8_t>>& outputs) {
    for (int sample = 0; sample < static_cast<int>(outputs.size()); ++sample) {
      const std::vector<int8_t>& output = outputs[sample];
      for (size_t i = 0; i < image.operators.size(); ++i) {
        NIWAKI_ASSIGN_OR_RETURN(
            const uint32_t expected,
            engine::ExpectedCheck(image.operators[i], static_cast<int>(i), SeedOf(sample)));
        uint32_t got = 0;
        const size_t begin = i * engine::kCheckBytes;
        for (int byte = 0; byte < engine::kCheckBytes && begin + byte < output.size(); ++byte) {
          got |= static_cast<uint32_t>(static_cast<uint8_t>(output[begin + byte])) << (8 * byte);
        }
        if (got != expected) return WrongOutput(image, i, sample);
      }
      outputs_.append(output.begin(), output.end());
    }
    return absl::OkStatus();
  }

  absl::Status WrongOutput(const Image& image, size_t i, int sample) const {
    const std::string& signature = wanted_.operators(image.indices[i]).signature();
    return Error(absl::StatusCode::kDataLoss, reason::kBoardWrongOutput)
        .Field("output")
        .Value(signature)
        .Message(absl::StrCat("the output of '", signature, "' in sample ", sample,
                              " is not the host's"));
  }

  void FillFigures() {
    double all = 0;
    for (int i = 0; i < result_.measured_size(); ++i) {
      const std::vector<double>& counts = counts_[i];
      if (counts.empty()) continue;
      double sum = 0;
      for (const double count : counts) sum += count;
      const double mean = sum / static_cast<double>(counts.size());
      double squares = 0;
      for (const double count : counts) squares += (count - mean) * (count - mean);
      v1::MeasuredOperator& measured = *result_.mutable_measured(i);
      measured.set_count(mean);
      measured.set_spread(std::sqrt(squares / static_cast<double>(counts.size())));
      measured.set_samples(static_cast<int32_t>(counts.size()));
      all += mean;
    }
    const int64_t count = std::max<int64_t>(1, std::llround(all));
    result_.set_count(count);
    result_.set_count_low(count);
    result_.set_count_high(count);
    result_.set_inputs(samples_);
    result_.set_outputs_digest(Sha256Hex(outputs_));
    for (const char* phase : {"emit", "build", "connect", "run", "check"}) {
      v1::MeasurementPhase& took = *result_.add_phases();
      took.set_name(phase);
      took.set_seconds(seconds_[phase]);
    }
  }

  const BoardSetup& setup_;
  const v1::OperatorsMeasurement& wanted_;
  const int samples_;
  board::FirmwareOptions firmware_;
  std::vector<Image> images_;
  const char* phase_ = "emit";
  std::map<std::string, double> seconds_;
  std::unique_ptr<TemporaryFolder> work_;
  std::string elf_;
  board::ExpectedIdentity expected_;
  std::unique_ptr<board::ConnectedBoard> connected_;
  board::BoardIdentity identity_;
  // By operator, one for each sample.
  std::vector<std::vector<double>> counts_;
  std::string outputs_;
  v1::MeasurementResult result_;
};

}  // namespace

RunOutcome RunOperators(const BoardSetup& setup, const v1::OperatorsMeasurement& wanted) {
  return OperatorsRun(setup, wanted).Run();
}

}  // namespace niwaki::boards
