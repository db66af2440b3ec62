#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::arch {
namespace {

constexpr size_t kMaxJsonBytes = 64 * 1024;
constexpr size_t kMaxQuotedBytes = 80;

absl::Status Invalid(const std::string& field, const std::string& value, const std::string& limit,
                     const std::string& why) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", why, ": ", value.substr(0, kMaxQuotedBytes), ", expected ",
                            limit));
}

// The value as text, for messages; ASCII, so that it can be cut. Lists and objects are only
// counted: writing them out recurses as deep as they nest.
std::string Quote(const Json& value) {
  if (value.is_array()) return absl::StrCat("a list of ", value.size());
  if (value.is_object()) return absl::StrCat("an object of ", value.size());
  return value.dump(-1, ' ', /*ensure_ascii=*/true).substr(0, kMaxQuotedBytes);
}

// 3 rather than 3.0, and never more digits than needed.
Json NumberOf(double value) {
  const double rounded = std::nearbyint(value);
  if (rounded == value && std::abs(value) < 1e9) return static_cast<int64_t>(rounded);
  return value;
}

template <typename T>
std::string ChoicesText(const std::vector<T>& choices) {
  const auto append = [](std::string* out, T choice) {
    absl::StrAppend(out, NumberOf(choice).dump());
  };
  return absl::StrCat("{", absl::StrJoin(choices, ",", append), "}");
}

// The index of a number among the choices.
template <typename T>
absl::StatusOr<uint8_t> IndexOf(const std::string& field, const Json& value,
                                const std::vector<T>& choices) {
  if (!value.is_number()) {
    return Invalid(field, Quote(value), ChoicesText(choices), "is not a number");
  }
  const double number = value.get<double>();
  for (size_t i = 0; i < choices.size(); ++i) {
    if (std::abs(number - choices[i]) <= 1e-9 * choices[i]) return static_cast<uint8_t>(i);
  }
  return Invalid(field, Quote(value), ChoicesText(choices), "is not among the choices");
}

// What the JSON calls the depths of a stage.
std::vector<int> DepthNames(const Stage& stage) {
  std::vector<int> names;
  for (const int depth : stage.depths) names.push_back(depth - stage.base_depth);
  return names;
}

// "d" of a stem that has its residual convolution: the largest of all stages.
int ResidualName(const SearchSpace& space) {
  int name = 1;
  for (const Stage& stage : space.stages()) name = std::max(name, DepthNames(stage).back());
  return name;
}

// Bottlenecks have no choice of kernels to write down.
bool HasKernelList(const SearchSpace& space) {
  const std::vector<GeneLayout::StageGenes>& stages = space.layout().stages;
  return stages.empty() || std::any_of(stages.begin(), stages.end(), [&](const auto& genes) {
           return space.stages()[genes.stage].type != BlockType::kBottleneck;
         });
}

std::vector<int> IndicesOf(size_t count) {
  std::vector<int> indices(count);
  for (size_t i = 0; i < count; ++i) indices[i] = static_cast<int>(i);
  return indices;
}

std::vector<int> ResolutionValues(const SearchSpace& space) {
  std::vector<int> values;
  for (const Resolution& resolution : space.resolutions()) values.push_back(resolution.value);
  return values;
}

// Reads the parsed object into genes; one use.
class SubnetReader {
 public:
  SubnetReader(const SearchSpace& space, const Json& json) : space_(space), json_(json) {
    subnet_.genes.assign(space.layout().num_genes, 0);
  }

  absl::StatusOr<Subnet> Read() {
    NIWAKI_RETURN_IF_ERROR(CheckKeys());
    NIWAKI_RETURN_IF_ERROR(ReadDepths());
    if (HasKernelList(space_) || json_.contains("ks")) {
      NIWAKI_RETURN_IF_ERROR(
          ReadBlocks("ks", GeneLayout::kKernelSize, [](const Stage& s) { return s.kernel_sizes; }));
    }
    NIWAKI_RETURN_IF_ERROR(
        ReadBlocks("e", GeneLayout::kExpandRatio, [](const Stage& s) { return s.expand_ratios; }));
    NIWAKI_RETURN_IF_ERROR(ReadResolution());
    NIWAKI_RETURN_IF_ERROR(space_.width_choice() == WidthChoice::kGlobal ? ReadWidthMult()
                                                                         : ReadWidthMults());
    Canonicalise(space_, subnet_);
    return subnet_;
  }

 private:
  absl::Status CheckKeys() const {
    if (!json_.is_object()) {
      return Invalid("subnet", Quote(json_), "a JSON object", "is not an object");
    }
    for (const auto& [key, value] : json_.items()) {
      if (key == "ks" || key == "e" || key == "d" || key == "r" || key == "w" || key == "wid") {
        continue;
      }
      const std::string name = absl::CHexEscape(key.substr(0, kMaxQuotedBytes));
      return Invalid(name, Quote(value), "one of ks, e, d, r, w, wid", "is not a known key");
    }
    return absl::OkStatus();
  }

  // The list under `key`, which must have `length` items.
  absl::StatusOr<const Json*> List(const std::string& key, int length) const {
    const auto found = json_.find(key);
    const std::string limit = absl::StrCat("a list of ", length);
    if (found == json_.end()) return Invalid(key, "nothing", limit, "is missing");
    if (!found->is_array()) return Invalid(key, Quote(*found), limit, "is not a list");
    if (static_cast<int>(found->size()) != length) {
      return Invalid(key, absl::StrCat(found->size(), " items"), limit, "has the wrong length");
    }
    return &*found;
  }

  absl::Status ReadDepths() {
    const std::vector<GeneLayout::StageGenes>& stages = space_.layout().stages;
    const int residual = space_.layout().stem_residual;
    const size_t first = residual >= 0 ? 1 : 0;
    NIWAKI_ASSIGN_OR_RETURN(const Json* list, List("d", first + stages.size()));
    if (residual >= 0) {
      const int with = ResidualName(space_);
      NIWAKI_ASSIGN_OR_RETURN(const int index, IndexOf("d[0]", (*list)[0], IndicesOf(with + 1)));
      subnet_.genes[residual] = index == with ? 1 : 0;
    }
    for (size_t i = 0; i < stages.size(); ++i) {
      NIWAKI_ASSIGN_OR_RETURN(subnet_.genes[stages[i].depth],
                              IndexOf(absl::StrCat("d[", first + i, "]"), (*list)[first + i],
                                      DepthNames(space_.stages()[stages[i].stage])));
    }
    return absl::OkStatus();
  }

  absl::Status ReadWidthMults() {
    const std::vector<int>& genes = space_.layout().widths;
    if (json_.contains("wid")) {
      return Invalid("wid", Quote(json_["wid"]), "w, a list of indices", "is not of this space");
    }
    if (!json_.contains("w") && space_.width_mults().size() == 1) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(const Json* list, List("w", genes.size()));
    for (size_t i = 0; i < genes.size(); ++i) {
      NIWAKI_ASSIGN_OR_RETURN(
          subnet_.genes[genes[i]],
          IndexOf(absl::StrCat("w[", i, "]"), (*list)[i], IndicesOf(space_.width_mults().size())));
    }
    return absl::OkStatus();
  }

  // `offset` of the gene within a block, `choices_of` a stage.
  template <typename ChoicesOf>
  absl::Status ReadBlocks(const std::string& key, int offset, const ChoicesOf& choices_of) {
    const GeneLayout& layout = space_.layout();
    NIWAKI_ASSIGN_OR_RETURN(const Json* list, List(key, layout.num_blocks));
    for (const GeneLayout::StageGenes& stage : layout.stages) {
      const auto choices = choices_of(space_.stages()[stage.stage]);
      for (int b = stage.first_block; b < stage.first_block + stage.blocks; ++b) {
        NIWAKI_ASSIGN_OR_RETURN(subnet_.genes[layout.block_genes(b) + offset],
                                IndexOf(absl::StrCat(key, "[", b, "]"), (*list)[b], choices));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadResolution() {
    const std::vector<int> choices = ResolutionValues(space_);
    const auto found = json_.find("r");
    if (found == json_.end()) {
      if (choices.size() == 1) return absl::OkStatus();
      return Invalid("r", "nothing", ChoicesText(choices), "is missing");
    }
    const bool is_list = found->is_array();
    if (is_list && found->size() != 1) {
      return Invalid("r", absl::StrCat(found->size(), " items"), "a list of 1",
                     "has the wrong length");
    }
    NIWAKI_ASSIGN_OR_RETURN(
        subnet_.genes[space_.layout().resolution],
        IndexOf(is_list ? "r[0]" : "r", is_list ? (*found)[0] : *found, choices));
    return absl::OkStatus();
  }

  absl::Status ReadWidthMult() {
    const std::vector<double>& choices = space_.width_mults();
    uint8_t& gene = subnet_.genes[space_.layout().width_mult];
    const auto w = json_.find("w");
    const auto wid = json_.find("wid");
    if (w != json_.end() && wid != json_.end()) {
      return Invalid("wid", Quote(*wid), "either w or wid", "stands beside w");
    }
    if (w != json_.end()) {
      NIWAKI_ASSIGN_OR_RETURN(gene, IndexOf("w", *w, choices));
      return absl::OkStatus();
    }
    if (wid == json_.end()) {
      if (choices.size() == 1) return absl::OkStatus();
      return Invalid("w", "nothing", ChoicesText(choices), "is missing");
    }
    if (wid->is_null()) {
      gene = static_cast<uint8_t>(choices.size() - 1);
      return absl::OkStatus();
    }
    NIWAKI_ASSIGN_OR_RETURN(gene, IndexOf("wid", *wid, IndicesOf(choices.size())));
    return absl::OkStatus();
  }

  const SearchSpace& space_;
  const Json& json_;
  Subnet subnet_;
};

}  // namespace

std::string ToJson(const SearchSpace& space, const Subnet& subnet) {
  const GeneLayout& layout = space.layout();
  Json kernel_sizes = Json::array();
  Json expand_ratios = Json::array();
  Json depths = Json::array();
  if (layout.stem_residual >= 0) {
    depths.push_back(HasStemResidual(space, subnet) ? ResidualName(space) : 0);
  }
  for (const GeneLayout::StageGenes& stage : layout.stages) {
    depths.push_back(DepthOf(space, subnet, stage.stage) - space.stages()[stage.stage].base_depth);
    for (int b = 0; b < stage.blocks; ++b) {
      kernel_sizes.push_back(KernelSizeOf(space, subnet, stage.stage, b));
      expand_ratios.push_back(NumberOf(ExpandRatioOf(space, subnet, stage.stage, b)));
    }
  }
  Json json;
  if (HasKernelList(space)) json["ks"] = std::move(kernel_sizes);
  json["e"] = std::move(expand_ratios);
  json["d"] = std::move(depths);
  json["r"] = Json::array({ResolutionOf(space, subnet).value});
  if (space.width_choice() == WidthChoice::kGlobal) {
    json["w"] = NumberOf(WidthMultOf(space, subnet));
  } else {
    json["w"] = Json::array();
    for (const int gene : layout.widths) json["w"].push_back(subnet.genes[gene]);
  }
  return json.dump();
}

absl::StatusOr<Subnet> SubnetFromJson(const SearchSpace& space, absl::string_view json) {
  if (json.size() > kMaxJsonBytes) {
    return Invalid("subnet", absl::StrCat(json.size(), " bytes"),
                   absl::StrCat("at most ", kMaxJsonBytes, " bytes"), "is too long");
  }
  // Without exceptions: a number beyond double is not a parse error to the library, yet it throws.
  const Json parsed = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) {
    return Invalid("subnet", absl::CHexEscape(json.substr(0, kMaxQuotedBytes)), "one JSON object",
                   "is not JSON");
  }
  return SubnetReader(space, parsed).Read();
}

}  // namespace niwaki::arch
