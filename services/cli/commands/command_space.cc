// niwaki space list | show NAME

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "proto/niwaki/v1/arch.pb.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/space_argument.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

struct ListOptions {};
struct ShowOptions {
  std::string name;
  // 0: as it is.
  int classes = 0;
  bool textproto = false;
};

template <typename T>
std::string JoinNumbers(const std::vector<T>& numbers) {
  return absl::StrJoin(numbers, ",");
}

std::string FormatSize(double size) {
  return size < 1e6 ? absl::StrFormat("%.0f", size) : absl::StrFormat("%.2e", size);
}

std::string ResolutionText(const arch::Resolution& resolution) {
  if (resolution.height == resolution.width) return absl::StrCat(resolution.height);
  return absl::StrCat(resolution.height, "x", resolution.width);
}

// All of a few, else the ends and how many there are.
std::string ResolutionsText(const arch::SearchSpace& space) {
  constexpr size_t kShown = 4;
  const std::vector<arch::Resolution>& resolutions = space.resolutions();
  if (resolutions.size() > kShown) {
    return absl::StrCat(ResolutionText(resolutions.front()), "..",
                        ResolutionText(resolutions.back()), " (", resolutions.size(), ")");
  }
  return absl::StrJoin(resolutions, ",", [](std::string* out, const arch::Resolution& resolution) {
    absl::StrAppend(out, ResolutionText(resolution));
  });
}

std::string StemText(const arch::Stem& stem) {
  std::string text = absl::StrCat(stem.kernel_size, "x", stem.kernel_size, " convolution, stride ",
                                  stem.stride, ", to ", stem.width);
  if (stem.residual != arch::StemResidual::kNone) {
    const bool optional = stem.residual == arch::StemResidual::kOptional;
    absl::StrAppend(&text, optional ? "; residual or not" : "; residual");
  }
  if (stem.second_width > 0) absl::StrAppend(&text, "; to ", stem.second_width);
  if (stem.max_pool) absl::StrAppend(&text, "; max pool");
  return text;
}

Json ExtremeToJson(const arch::SearchSpace& space, const arch::Subnet& subnet) {
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  Json json;
  json["subnet_id"] = arch::IdOf(space, subnet).ToHex();
  json["macs"] = arch::CountMacs(graph);
  json["params"] = arch::CountParams(graph);
  json["subnet_json"] = arch::ToJson(space, subnet);
  return json;
}

Json SpaceToJson(const arch::SearchSpace& space) {
  Json json = MessageToJson(space.ToMessage());
  json["size"] = space.Size();
  json["min"] = ExtremeToJson(space, arch::MinSubnet(space));
  json["max"] = ExtremeToJson(space, arch::MaxSubnet(space));
  return json;
}

absl::Status RunList(Session& session, const ListOptions&) {
  Table table({{"NAME"},
               {"NETWORKS", Align::kRight},
               {"CLASSES", Align::kRight},
               {"RESOLUTIONS"},
               {"WIDTHS"},
               {"DESCRIPTION"}});
  Json list = Json::array();
  for (const std::string& name : arch::CatalogueNames()) {
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    if (session.json()) {
      list.push_back(SpaceToJson(space));
      continue;
    }
    table.AddRow({name, FormatSize(space.Size()), absl::StrCat(space.num_classes()),
                  ResolutionsText(space), JoinNumbers(space.width_mults()), space.description()});
  }
  if (session.json()) {
    session.PrintJson(Json{{"spaces", std::move(list)}});
  } else {
    session.out() << table.ToString();
  }
  return absl::OkStatus();
}

void PrintStages(Session& session, const arch::SearchSpace& space) {
  Table table({{"STAGE", Align::kRight},
               {"BLOCK"},
               {"WIDTH", Align::kRight},
               {"STRIDE", Align::kRight},
               {"DEPTH"},
               {"KERNEL"},
               {"EXPAND"},
               {"SE"}});
  for (size_t i = 0; i < space.stages().size(); ++i) {
    const arch::Stage& stage = space.stages()[i];
    const bool bottleneck = stage.type == arch::BlockType::kBottleneck;
    table.AddRow({absl::StrCat(i), bottleneck ? "bottleneck" : "mbconv", absl::StrCat(stage.width),
                  absl::StrCat(stage.stride), JoinNumbers(stage.depths),
                  JoinNumbers(stage.kernel_sizes), JoinNumbers(stage.expand_ratios),
                  stage.squeeze_excite ? "yes" : "no"});
  }
  session.out() << table.ToString();
}

void PrintExtremes(Session& session, const arch::SearchSpace& space) {
  Table table({{"SUBNET"}, {"MACS", Align::kRight}, {"PARAMS", Align::kRight}, {"ID"}});
  for (const bool largest : {false, true}) {
    const arch::Subnet subnet = largest ? arch::MaxSubnet(space) : arch::MinSubnet(space);
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    table.AddRow({largest ? "max" : "min", FormatCount(arch::CountMacs(graph)),
                  FormatCount(arch::CountParams(graph)), arch::IdOf(space, subnet).ToHex()});
  }
  session.out() << table.ToString();
}

absl::Status RunShow(Session& session, const ShowOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space, ReadSpaceArgument(session, options.name));
  if (options.classes > 0) space = space.WithNumClasses(options.classes);
  if (options.textproto) {
    session.out() << space.ToTextproto();
    return absl::OkStatus();
  }
  if (session.json()) {
    session.PrintJson(SpaceToJson(space));
    return absl::OkStatus();
  }
  session.out() << space.name() << ": " << space.description() << "\n\n"
                << "input         " << space.input_channels() << " channels, "
                << ResolutionsText(space) << "\n"
                << "classes       " << space.num_classes() << "\n"
                << "width_mult    " << JoinNumbers(space.width_mults())
                << (space.width_choice() == arch::WidthChoice::kPerStage ? ", one for each stage"
                                                                         : "")
                << "\n"
                << "stem          " << StemText(space.stem()) << "\n"
                << "networks      " << FormatSize(space.Size()) << "\n\n";
  PrintStages(session, space);
  session.out() << "\n";
  PrintExtremes(session, space);
  return absl::OkStatus();
}

}  // namespace

void AddSpaceCommand(CLI::App& app, Session& session) {
  CLI::App* space =
      AddSubcommand(app, "space", "Search spaces: families of networks", "niwaki space show kws");
  space->require_subcommand(1);

  CLI::App* list =
      AddSubcommand(*space, "list", "List the spaces of the catalogue", "niwaki space list");
  SetAction(list, session, std::make_shared<ListOptions>(), RunList);

  auto options = std::make_shared<ShowOptions>();
  CLI::App* show = AddSubcommand(*space, "show", "Show a space: choices, size, extremes",
                                 "niwaki space show kws\n  niwaki space show ./my.textproto\n"
                                 "  niwaki space show jobs/my-job --textproto > my.textproto");
  show->add_option("name", options->name,
                   "Catalogue name, path of a textproto or supernet file, supernets/NAME or "
                   "jobs/NAME")
      ->required();
  show->add_option("--classes", options->classes, "The same space for so many classes")
      ->check(CLI::Range(2, 100000));
  show->add_flag("--textproto", options->textproto,
                 "Print it as a file that every --space reads, instead of describing it");
  SetAction(show, session, options, RunShow);
}

}  // namespace niwaki::cli
