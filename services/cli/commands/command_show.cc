// niwaki show: one network, layer by layer, with its cost.

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/arch/subnets/subnet_argument.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/arch_message.h"
#include "services/cli/commands/candidate_argument.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/networks/memory_picture.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

struct ShowOptions {
  std::string candidate;
  std::string space;
  std::string subnet = "max";
  std::string device;
  std::string memory;
};

// What is shown: a network and what is known of it.
struct Subject {
  arch::SearchSpace space;
  arch::Subnet subnet;
  // "devices/{device}" and the cost there.
  std::string device;
  std::optional<v1::Cost> cost;
  std::optional<v1::Candidate> candidate;
  // What the candidate's score was computed in.
  std::string precision;
  // What its supernet tells apart; empty where nobody has said it.
  std::vector<std::string> class_names;
  // Of the candidate's job.
  google::protobuf::RepeatedPtrField<v1::Constraint> limits;
};

absl::StatusOr<Subject> SubjectOfCandidate(Session& session, const ShowOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const jobfile::CandidateName name,
                          jobfile::ParseCandidateName(options.candidate));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name.job));
  NIWAKI_ASSIGN_OR_RETURN(v1::Candidate candidate, FindCandidate(*coordinator, name));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Supernet supernet,
                          coordinator->GetSupernet(job.spec().supernet()));
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space,
                          arch::SearchSpace::FromMessage(supernet.space()));
  NIWAKI_ASSIGN_OR_RETURN(arch::Subnet subnet,
                          arch::SubnetFromJson(space, candidate.subnet_json()));
  Subject subject{std::move(space),
                  std::move(subnet),
                  job.spec().device(),
                  std::nullopt,
                  std::nullopt,
                  job.spec().evaluation().precision(),
                  {},
                  {}};
  subject.limits = job.spec().constraints();
  if (candidate.has_cost()) subject.cost = candidate.cost();
  subject.class_names.assign(supernet.class_names().begin(), supernet.class_names().end());
  subject.candidate = std::move(candidate);
  return subject;
}

absl::StatusOr<Subject> SubjectOfSpace(const ShowOptions& options) {
  if (options.space.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--space")
        .Limit("a candidate, or --space and --subnet")
        .Message("nothing to show: name a candidate, or give --space and --subnet");
  }
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space, arch::LoadSpace(options.space));
  NIWAKI_ASSIGN_OR_RETURN(arch::Subnet subnet, arch::ReadSubnetArgument(space, options.subnet));
  return Subject{std::move(space), std::move(subnet), "", std::nullopt, std::nullopt, "", {}};
}

// Asks for the cost on the device of the command line, if there is one.
absl::Status AddCost(Session& session, const ShowOptions& options, Subject* subject) {
  if (options.device.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(subject->device,
                          jobfile::ResourceName("devices", options.device, "--device"));
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  NIWAKI_ASSIGN_OR_RETURN(const v1::EstimateCostsResponse response,
                          oracle->EstimateCosts(MakeEstimateRequest(subject->space, subject->device,
                                                                    {subject->subnet})));
  if (response.costs_size() > 0) subject->cost = response.costs(0);
  return absl::OkStatus();
}

Json ShapeToJson(const arch::TensorShape& shape) {
  return Json::array({shape.height, shape.width, shape.channels});
}

// A number where both are equal, else [height, width].
Json WindowToJson(int height, int width) {
  return height == width ? Json(height) : Json::array({height, width});
}

Json LayerToJson(const arch::LayerRow& row) {
  Json json;
  json["name"] = row.name;
  json["kind"] = row.kind;
  json["activation"] = row.activation;
  json["kernel_size"] = WindowToJson(row.kernel_h, row.kernel_w);
  json["stride"] = WindowToJson(row.stride_h, row.stride_w);
  if (!row.unusual_padding.empty()) json["padding"] = row.unusual_padding;
  json["input"] = ShapeToJson(row.input);
  json["output"] = ShapeToJson(row.output);
  json["macs"] = row.macs;
  json["params"] = row.params;
  return json;
}

void PrintSubjectJson(Session& session, const Subject& subject, const arch::Graph& graph) {
  Json json;
  json["space"] = subject.space.name();
  json["subnet_id"] = arch::IdOf(subject.space, subject.subnet).ToHex();
  json["subnet_json"] = arch::ToJson(subject.space, subject.subnet);
  json["macs"] = arch::CountMacs(graph);
  json["params"] = arch::CountParams(graph);
  if (!subject.class_names.empty()) json["class_names"] = subject.class_names;
  if (subject.cost.has_value()) {
    json["device"] = subject.device;
    json["cost"] = MessageToJson(*subject.cost);
  }
  if (subject.candidate.has_value()) json["candidate"] = MessageToJson(*subject.candidate);
  json["layers"] = Json::array();
  for (const arch::LayerRow& row : arch::DescribeLayers(graph)) {
    json["layers"].push_back(LayerToJson(row));
  }
  session.PrintJson(json);
}

Table LayerTable(const arch::Graph& graph) {
  Table table({{"LAYER"},
               {"OPERATOR"},
               {"KERNEL", Align::kRight},
               {"STRIDE", Align::kRight},
               {"INPUT", Align::kRight},
               {"OUTPUT", Align::kRight},
               {"MACS", Align::kRight},
               {"PARAMS", Align::kRight},
               {"ACTIVATION"}});
  for (const arch::LayerRow& row : arch::DescribeLayers(graph)) {
    table.AddRow({row.name, row.kind, arch::WindowText(row.kernel_h, row.kernel_w),
                  arch::WindowText(row.stride_h, row.stride_w), arch::ShapeText(row.input),
                  arch::ShapeText(row.output), FormatCount(row.macs), FormatCount(row.params),
                  row.activation});
  }
  return table;
}

void PrintSubject(Session& session, const Subject& subject, const arch::Graph& graph) {
  std::ostream& out = session.out();
  out << "space    " << subject.space.name() << "\n"
      << "subnet   " << arch::ToJson(subject.space, subject.subnet) << "\n"
      << "id       " << arch::IdOf(subject.space, subject.subnet).ToHex() << "\n"
      << "MACs     " << FormatCount(arch::CountMacs(graph)) << "\n"
      << "params   " << FormatCount(arch::CountParams(graph)) << "\n";
  if (!subject.class_names.empty()) {
    out << "classes  " << data::ClassesText(subject.class_names) << "\n";
  }
  if (subject.cost.has_value()) {
    out << "device   " << jobfile::ResourceId(subject.device) << "\n" << CostLines(*subject.cost);
  }
  if (!subject.limits.empty()) out << "limits   " << LimitsText(subject.limits) << "\n";
  if (subject.candidate.has_value() && !subject.candidate->state_reason().empty()) {
    out << "state    " << StateName(subject.candidate->state()) << ": "
        << subject.candidate->state_reason() << "\n";
  }
  if (subject.candidate.has_value() && subject.candidate->has_score()) {
    const v1::Score& score = subject.candidate->score();
    out << "top-1    " << jobfile::FormatMetric(v1::METRIC_TOP1, score.top1()) << " of "
        << score.images() << " images in " << subject.precision << ", loss "
        << jobfile::FormatMetric(v1::METRIC_LOSS, score.loss()) << "\n";
  }
  if (subject.candidate.has_value()) out << ProofLines(subject.candidate->proof());
  out << "\n" << LayerTable(graph).ToString();
}

absl::Status RunShow(Session& session, const ShowOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(Subject subject, options.candidate.empty()
                                               ? SubjectOfSpace(options)
                                               : SubjectOfCandidate(session, options));
  NIWAKI_RETURN_IF_ERROR(AddCost(session, options, &subject));
  const arch::Graph graph = arch::BuildGraph(subject.space, subject.subnet);
  if (!options.memory.empty()) {
    NIWAKI_RETURN_IF_ERROR(WriteMemoryPicture(
        graph,
        absl::StrCat("Memory of ",
                     options.candidate.empty()
                         ? absl::StrCat(subject.space.name(), ", subnet ", options.subnet)
                         : options.candidate),
        options.memory,
        subject.cost.has_value() ? subject.cost->sram_bytes() : std::numeric_limits<int64_t>::max(),
        subject.cost.has_value() ? subject.cost->schedule() : ""));
  }
  if (session.json()) {
    PrintSubjectJson(session, subject, graph);
  } else {
    PrintSubject(session, subject, graph);
  }
  return absl::OkStatus();
}

}  // namespace

void AddShowCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* show = AddSubcommand(app, "show", "Show one network, layer by layer, with its cost",
                                 "niwaki show my-job/best\n"
                                 "  niwaki show --space kws --subnet max --device stm32f746");
  show->add_option("candidate", options->candidate, kCandidateHelp);
  show->add_option("--space", options->space, "Catalogue name, or path of a textproto file");
  show->add_option("--subnet", options->subnet, "min, max, OFA's JSON or @FILE")
      ->capture_default_str();
  show->add_option("--device", options->device, "Ask the oracle for the cost on this device");
  show->add_option("--memory", options->memory,
                   "Draw the int8 network's memory over time into this SVG file");
  SetAction(show, session, options, RunShow);
}

}  // namespace niwaki::cli
