// niwaki boards measure: a network on whatever board fits.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_client.h"
#include "libs/interchange/network_file.h"
#include "libs/interchange/tflite/write_model.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/boards/board_commands.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/exports/int8_source.h"
#include "services/cli/show/board_text.h"
#include "services/cli/show/proto_json.h"

namespace niwaki::cli {
namespace {

struct MeasureOptions {
  Int8Source source;
  std::string device;
  std::string core;
  std::string board;
  std::vector<std::string> tags;
  std::string schedule;
  std::string reservation;
  std::string inputs_file;
  int inputs = 16;
  int64_t seed = 1;
  int priority = 0;
  int timeout_s = 300;
};

// The class of the last failure says what to do.
absl::Status FailedAs(const v1::Measurement& measurement) {
  const v1::MeasurementFailure& last =
      measurement.failures(std::max(0, measurement.failures_size() - 1));
  return Error(last.failure_class() == "candidate" ? absl::StatusCode::kFailedPrecondition
                                                   : absl::StatusCode::kUnavailable,
               last.reason().empty() ? reason::kSystemError : last.reason())
      .Field("measurement")
      .Value(measurement.name())
      .Message(absl::StrCat(measurement.name(), " has failed: ", last.failure_class(),
                            " failure on ", last.board(), ": ", last.message()));
}

// The network's file in the oracle, and how it runs where nobody says it: a candidate's cost does.
// What is no network is refused before a board is asked.
absl::Status UploadNetwork(Session& session, const MeasureOptions& options,
                           client::ArtifactClient& artifacts, v1::NetworkMeasurement& network) {
  NIWAKI_ASSIGN_OR_RETURN(const Int8Network read, ReadInt8Network(session, options.source));
  std::string path = options.source.network;
  std::unique_ptr<TemporaryFolder> folder;
  if (!interchange::IsNetworkFileName(path)) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, interchange::WriteModel(read.network));
    NIWAKI_ASSIGN_OR_RETURN(folder, TemporaryFolder::Create());
    path = absl::StrCat(folder->path(), "/network.tflite");
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(path, bytes));
  }
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact file, artifacts.Upload(path));
  network.set_artifact_digest(file.digest());
  network.set_schedule(options.schedule.empty() ? read.schedule : options.schedule);
  return absl::OkStatus();
}

absl::Status RunMeasure(Session& session, const MeasureOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  client::ArtifactClient artifacts(oracle->channel(), session.options().client);
  client::BoardClient boards(oracle->channel(), session.options().client);
  v1::MeasurementSpec spec;
  spec.set_device(jobfile::InCollection("devices", options.device));
  spec.set_core(options.core);
  spec.set_board(jobfile::InCollection("boards", options.board));
  for (const std::string& tag : options.tags) spec.add_tags(tag);
  spec.set_priority(options.priority);
  spec.set_reservation(options.reservation);
  v1::NetworkMeasurement& network = *spec.mutable_network();
  NIWAKI_RETURN_IF_ERROR(UploadNetwork(session, options, artifacts, network));
  network.set_inputs(options.inputs);
  network.set_input_seed(options.seed);
  if (!options.inputs_file.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact inputs, artifacts.Upload(options.inputs_file));
    network.set_inputs_digest(inputs.digest());
  }
  NIWAKI_ASSIGN_OR_RETURN(const v1::Measurement asked, boards.CreateMeasurement(spec));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Measurement ended,
                          boards.AwaitMeasurement(asked.name(), absl::Seconds(options.timeout_s)));
  if (ended.state() == v1::MEASUREMENT_STATE_FAILED) return FailedAs(ended);
  if (session.json()) {
    session.PrintJson(MessageToJson(ended));
  } else {
    session.out() << MeasurementText(ended);
  }
  return absl::OkStatus();
}

}  // namespace

void AddMeasureCommand(CLI::App& boards, Session& session) {
  auto options = std::make_shared<MeasureOptions>();
  CLI::App* measure = AddSubcommand(
      boards, "measure",
      "Measure an int8 network on a board: it waits for one that fits, is built and run there, "
      "and\n"
      "every output is compared with this machine's. Prints cycles (instructions of emulated\n"
      "boards), whole and by operator, and memory.",
      "niwaki boards measure kws.tflite\n"
      "  niwaki boards measure words/best --board local-m7\n"
      "  niwaki boards measure kws.tflite --board local-m7 --schedule streamed\n"
      "  niwaki boards measure kws.tflite --device stm32h743 --tag bench --output json");
  measure
      ->add_option(
          "network", options->source.network,
          "FILE.tflite; FILE.onnx; a candidate: JOB/SLOT, JOB/best; or a subnet: min, max, "
          "OFA's JSON, @FILE")
      ->required();
  measure->add_option("--supernet", options->source.supernet, "Of a subnet: the supernet's file");
  measure->add_option("--data", options->source.data, "Of a subnet: prepared data to calibrate on");
  measure->add_option("--device", options->device, "Whose figures are wanted (niwaki devices)");
  measure->add_option("--core", options->core, "Such as cortex-m7");
  measure->add_option("--board", options->board, "This board alone");
  measure->add_option("--tag", options->tags, "That the board must have; may be given again");
  measure->add_option(
      "--schedule", options->schedule,
      "whole, streamed_75, streamed_50 or streamed; default: a candidate's own, else "
      "the fastest that the board's memory holds");
  measure->add_option("--inputs", options->inputs, "Random inputs to run")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  measure->add_option("--seed", options->seed, "Of the inputs")->capture_default_str();
  measure->add_option("--inputs-file", options->inputs_file,
                      "Inputs instead: int8 levels, one input behind the other");
  measure->add_option("--priority", options->priority, "Higher goes first")
      ->check(CLI::Range(-1000, 1000))
      ->capture_default_str();
  measure->add_option("--reservation", options->reservation,
                      "On a board that this one has reserved");
  measure->add_option("--timeout", options->timeout_s, "Seconds to wait")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  SetAction(measure, session, options, RunMeasure);
}

}  // namespace niwaki::cli
