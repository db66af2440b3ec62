// Where an int8 network comes from, as people say it on a command line.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_INT8_SOURCE_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_INT8_SOURCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/json.h"
#include "libs/engine/quantise/quantised_network.h"
#include "services/cli/session.h"

namespace niwaki::cli {

struct Int8Source {
  // FILE.tflite or FILE.onnx; a candidate, "JOB/SLOT" or "JOB/best", the first of the front; or a
  // subnet of `supernet`: min, max, OFA's JSON or @FILE.
  std::string network;
  // Files. A candidate's are fetched from the coordinator where these are empty.
  std::string supernet;
  std::string data;
};

// NOLINTNEXTLINE(bugprone-exception-escape): Json.
struct Int8Network {
  // As it is emitted: pads are no operators where a convolution takes them over.
  engine::QuantisedNetwork network;
  // By digests: the file, or the quantiser's record.
  Json made_from;
  // One line for people.
  std::string title;
  // What the job that found a candidate was told that it takes; 0 for other networks.
  int64_t sram_bytes = 0;
  // And how it runs then; empty for other networks and for costs of before.
  std::string schedule;
};

// Reads a file, or the int8 network that a candidate was proven with, as it is, or has niwaki-train
// quantise a subnet: minutes, with a line on the session's error
// stream. InvalidArgument where the arguments say too little, and with the reasons of
// ReadNetworkFile; the errors of the coordinator; for a subnet the code that niwaki-train ended
// with and what it said.
absl::StatusOr<Int8Network> ReadInt8Network(Session& session, const Int8Source& source);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_INT8_SOURCE_H_
