#include "services/cli/commands/exports/int8_source.h"

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/artifact_client.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/interchange/network_file.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/cluster/sibling_binary.h"
#include "services/cli/commands/candidate_argument.h"
#include "services/cli/commands/supernet_upload.h"

namespace niwaki::cli {
namespace {

// A microcontroller's whole flash is far smaller.
constexpr int64_t kMaxModelBytes = 64 << 20;
constexpr int64_t kMaxRecordBytes = 16 << 20;
constexpr size_t kShownDigits = 12;
constexpr char kProvenFile[] = "/proven.tflite";
constexpr int kQuantiseTimeoutMs = 6 * 3600 * 1000;

// What niwaki-train quantises: files and a subnet.
struct Parts {
  std::string supernet;
  std::string data;
  std::string subnet;
  // "jobs/…" for a candidate.
  std::string candidate;
  int64_t sram_bytes = 0;
  std::string schedule;
  // Of a candidate that has an int8 network: what it was proven with.
  v1::Proof proof;
};

absl::Status TooLittle(const std::string& network, absl::string_view field) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(network)
      .Limit("FILE.tflite, FILE.onnx, a candidate, or a subnet with --supernet and --data")
      .Message(absl::StrCat("'", network,
                            "' is no .tflite or .onnx file and no candidate, and as a subnet it "
                            "needs --supernet and --data"));
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

absl::StatusOr<engine::QuantisedNetwork> ReadNetworkFile(const std::string& bytes,
                                                         const std::string& path) {
  auto network = interchange::ReadNetworkFile(bytes, path);
  if (!network.ok()) return Annotate(network.status(), path);
  return engine::FusePads(*network);
}

absl::StatusOr<Int8Network> ReadFileSource(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxModelBytes));
  Int8Network result;
  NIWAKI_ASSIGN_OR_RETURN(result.network, ReadNetworkFile(bytes, path));
  result.made_from["file"] =
      Json{{"name", BaseName(path)}, {"digest", Sha256Hex(bytes)}, {"bytes", bytes.size()}};
  result.title = absl::StrCat("Made from ", BaseName(path), ".");
  return result;
}

absl::Status Fetch(Session& session, client::ArtifactClient& artifacts, const std::string& label,
                   const std::string& digest, const std::string& path) {
  ProgressOptions progress = session.SideProgress(label);
  progress.bytes = true;
  ProgressBar bar(progress);
  const absl::Status status = artifacts.Download(
      digest, path, [&bar](int64_t done, int64_t total) { bar.Update(done, total); });
  bar.Finish();
  return status;
}

absl::StatusOr<Parts> PartsOfCandidate(Session& session, const Int8Source& source,
                                       const jobfile::CandidateName& name,
                                       const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name.job));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Candidate candidate, FindCandidate(*coordinator, name));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Supernet supernet,
                          coordinator->GetSupernet(job.spec().supernet()));
  client::ArtifactClient artifacts(coordinator->channel(), session.options().client);
  Parts parts = {source.supernet,
                 source.data,
                 candidate.subnet_json(),
                 absl::StrCat(name.job, "/candidates/", candidate.slot()),
                 candidate.cost().sram_bytes(),
                 candidate.cost().schedule(),
                 {}};
  // Other files than the job's are quantised anew.
  if (source.supernet.empty() && source.data.empty()) parts.proof = candidate.proof();
  if (parts.supernet.empty()) {
    parts.supernet = absl::StrCat(folder, "/supernet.safetensors");
    NIWAKI_RETURN_IF_ERROR(
        Fetch(session, artifacts, "supernet", supernet.digest(), parts.supernet));
  }
  if (!parts.proof.int8_digest().empty()) {
    NIWAKI_RETURN_IF_ERROR(Fetch(session, artifacts, "network ", parts.proof.int8_digest(),
                                 absl::StrCat(folder, kProvenFile)));
    return parts;
  }
  if (parts.data.empty()) {
    parts.data = absl::StrCat(folder, "/data.nwd");
    NIWAKI_RETURN_IF_ERROR(
        Fetch(session, artifacts, "data    ", supernet.data_digest(), parts.data));
  }
  return parts;
}

// The meaning of exit codes stands in services/cli/exit_code.h.
absl::StatusCode CodeOfExit(int exit_code) {
  switch (exit_code) {
    case 2:
      return absl::StatusCode::kInvalidArgument;
    case 3:
      return absl::StatusCode::kNotFound;
    case 4:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::StatusOr<Int8Network> Quantise(Session& session, const Parts& parts,
                                     const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string trainer,
                          FindSibling(Sibling::kTrainer, session.options().program_path,
                                      session.options().environment));
  const std::string file = absl::StrCat(folder, "/network.tflite");
  const std::string record = absl::StrCat(folder, "/record.json");
  ProgramOptions program;
  program.argv = {trainer,  "quantise", "--supernet", parts.supernet, "--subnet", parts.subnet,
                  "--data", parts.data, "--out",      file,           "--record", record};
  program.package = "niwaki";
  program.timeout_ms = kQuantiseTimeoutMs;
  if (!session.json())
    session.err() << "quantising the subnet (niwaki-train quantise)" << std::endl;
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunProgram(program));
  if (result.exit_code != 0) {
    return Error(CodeOfExit(result.exit_code), reason::kSystemError)
        .Field("niwaki-train quantise")
        .Value(result.exit_code)
        .Message(absl::StrCat("quantising ended with code ", result.exit_code, ": ",
                              absl::StripAsciiWhitespace(result.standard_error)));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file, kMaxModelBytes));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(record, kMaxRecordBytes));
  Int8Network network;
  NIWAKI_ASSIGN_OR_RETURN(network.network, ReadNetworkFile(bytes, "the quantised subnet"));
  NIWAKI_ASSIGN_OR_RETURN(network.made_from, ParseJson(text, "the quantiser's record"));
  if (!parts.candidate.empty()) network.made_from["candidate"] = parts.candidate;
  network.sram_bytes = parts.sram_bytes;
  network.schedule = parts.schedule;
  network.title = parts.candidate.empty()
                      ? absl::StrCat("A subnet of ", BaseName(parts.supernet), ".")
                      : absl::StrCat("The network ", parts.candidate, ".");
  return network;
}

// The network that was proven, byte for byte, with what its supernet says of the data.
absl::StatusOr<Int8Network> ReadProven(Session& session, const Parts& parts,
                                       const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadFile(absl::StrCat(folder, kProvenFile), kMaxModelBytes));
  Int8Network network;
  NIWAKI_ASSIGN_OR_RETURN(network.network, ReadNetworkFile(bytes, "the proven network"));
  const v1::Proof& proof = parts.proof;
  network.made_from["key"] = proof.quantise_key();
  network.made_from["file"] = Json{{"digest", Sha256Hex(bytes)}, {"bytes", bytes.size()}};
  network.made_from["candidate"] = parts.candidate;
  network.made_from["quantiser"] = Json{{"version", proof.quantiser_version()}};
  network.made_from["proof"] = Json{{"measurement", proof.measurement()},
                                    {"board", proof.figures().board()},
                                    {"count", proof.figures().count()},
                                    {"unit", proof.figures().unit()},
                                    {"outputs_digest", proof.figures().outputs_digest()},
                                    {"bill_digest", proof.figures().bill_digest()}};
  const auto manifest = ReadSupernetManifest(parts.supernet);
  if (manifest.ok()) {
    network.made_from["trained_on"] = {{"data_digest", manifest->data_digest},
                                       {"class_names_known", manifest->class_names_known},
                                       {"data", Json::parse(manifest->data.ToJson())}};
  }
  network.sram_bytes = parts.sram_bytes;
  network.schedule = parts.schedule;
  network.title = absl::StrCat("The network ", parts.candidate, ", as it was proven.");
  if (!session.json()) {
    session.err() << "the network is the one that was proven"
                  << (proof.has_figures() ? absl::StrCat(" on ", proof.figures().board()) : "")
                  << ", " << proof.int8_digest().substr(0, kShownDigits) << std::endl;
  }
  return network;
}

}  // namespace

absl::StatusOr<Int8Network> ReadInt8Network(Session& session, const Int8Source& source) {
  if (interchange::IsNetworkFileName(source.network)) return ReadFileSource(source.network);
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFolder> folder, TemporaryFolder::Create());
  const auto candidate = jobfile::ParseCandidateName(source.network);
  Parts parts = {source.supernet, source.data, source.network, "", 0, "", {}};
  if (candidate.ok()) {
    NIWAKI_ASSIGN_OR_RETURN(parts, PartsOfCandidate(session, source, *candidate, folder->path()));
  } else if (source.supernet.empty() || source.data.empty()) {
    return TooLittle(source.network, source.supernet.empty() ? "--supernet" : "--data");
  }
  if (!parts.proof.int8_digest().empty()) return ReadProven(session, parts, folder->path());
  return Quantise(session, parts, folder->path());
}

}  // namespace niwaki::cli
