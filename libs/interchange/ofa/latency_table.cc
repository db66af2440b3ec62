#include "libs/interchange/ofa/latency_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/describe.h"
#include "libs/arch/restrict.h"
#include "libs/arch/space.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/document.h"

namespace niwaki::interchange {
namespace {

using arch::OpActivation;
using latency::BlockLatencies;
using latency::BlockPart;
using latency::BlockSignature;

constexpr size_t kMaxKeyLength = 200;
constexpr size_t kShownBytes = 80;
constexpr double kMicrosPerMilli = 1000;
constexpr int64_t kMaxDimension = 1 << 20;
constexpr double kMaxRuns = 1e15;
// The share of a space's parts from which a table may be said to be of that space.
constexpr double kLikelyShare = 0.5;
// Resolutions shown in a message.
constexpr size_t kShownResolutions = 20;

struct NamedPart {
  absl::string_view name;
  BlockPart part;
};
constexpr NamedPart kParts[] = {
    {"Conv", BlockPart::kStem},         {"expanded_conv", BlockPart::kBlock},
    {"Conv_1", BlockPart::kHeadConv},   {"AvgPool2D", BlockPart::kPool},
    {"Conv_2", BlockPart::kHeadLinear}, {"Logits", BlockPart::kClassifier}};

absl::Status Malformed(absl::string_view place, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(place)
      .Message(absl::StrCat(place, ": ", message));
}

absl::Status Wrong(absl::string_view place, absl::string_view field, absl::string_view value,
                   absl::string_view limit) {
  const absl::string_view shown = value.substr(0, kShownBytes);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(shown)
      .Limit(limit)
      .Message(absl::StrCat(place, ": ", field, " '", shown, "' is not ", limit));
}

// One block of the file.
struct RawEntry {
  // "160_lookup_table.yaml:12", where the key stands.
  std::string place;
  std::string key;
  // Name, then value as text and the place of it.
  std::map<std::string, std::pair<std::string, std::string>> fields;
};

std::string PlaceOf(absl::string_view what, int line) { return absl::StrCat(what, ":", line); }

absl::StatusOr<RawEntry> ReadEntry(const std::string& key, const DocumentNode& node,
                                   absl::string_view what) {
  RawEntry entry;
  entry.place = PlaceOf(what, node.key_line);
  entry.key = key;
  if (node.kind != DocumentNode::Kind::kMap) {
    return Malformed(entry.place,
                     absl::StrCat("'", key.substr(0, kShownBytes), "' is ", KindName(node.kind),
                                  ", not a map of mean, std and count"));
  }
  for (const auto& [name, value] : node.fields) {
    const std::string place = PlaceOf(what, value.line);
    if (name != "count" && name != "mean" && name != "std" && name != "var") {
      return Wrong(place, "field", name, "count, mean, std or var");
    }
    if (value.kind != DocumentNode::Kind::kScalar) {
      return Malformed(place, absl::StrCat(name, " is ", KindName(value.kind), ", not a number"));
    }
    // A number in quotes is one.
    const std::string text(absl::StripAsciiWhitespace(value.scalar));
    entry.fields.emplace(name, std::make_pair(text, place));
  }
  return entry;
}

absl::StatusOr<std::vector<RawEntry>> ReadEntries(absl::string_view text, absl::string_view what) {
  DocumentLimits limits;
  limits.bytes = kMaxOfaTableBytes;
  limits.fields = kMaxOfaTableBytes;
  NIWAKI_ASSIGN_OR_RETURN(const DocumentNode root, ParseDocument(text, what, limits));
  if (root.kind != DocumentNode::Kind::kMap) {
    return Malformed(PlaceOf(what, root.line),
                     absl::StrCat("the table is ", KindName(root.kind), ", not a map of keys"));
  }
  std::vector<RawEntry> entries;
  for (const auto& [key, node] : root.fields) {
    NIWAKI_ASSIGN_OR_RETURN(RawEntry entry, ReadEntry(key, node, what));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// The parts "name:value" of a key behind its first word.
class KeyFields {
 public:
  static absl::StatusOr<KeyFields> Parse(absl::string_view place, absl::string_view key) {
    KeyFields fields(place, key);
    const std::vector<absl::string_view> parts = absl::StrSplit(key, '-');
    fields.part_name_ = parts[0];
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> field =
          absl::StrSplit(parts[i], absl::MaxSplits(':', 1));
      if (!fields.values_.emplace(field).second) {
        return Wrong(place, "key", key, absl::StrCat("one with a single ", field.first));
      }
    }
    return fields;
  }

  absl::string_view part_name() const { return part_name_; }
  bool Has(absl::string_view name) const { return values_.count(name) > 0; }

  // "HxWxC"; one number is 1x1xC.
  absl::StatusOr<arch::TensorShape> Shape(absl::string_view name) {
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view text, Text(name));
    std::vector<absl::string_view> parts = absl::StrSplit(text, 'x');
    if (parts.size() == 1) parts = {"1", "1", parts[0]};
    arch::TensorShape shape;
    int* const dimensions[] = {&shape.height, &shape.width, &shape.channels};
    bool valid = parts.size() == 3;
    for (size_t i = 0; valid && i < 3; ++i) {
      valid = absl::SimpleAtoi(parts[i], dimensions[i]) && *dimensions[i] >= 1 &&
              *dimensions[i] <= kMaxDimension;
    }
    if (!valid) return Wrong(place_, name, text, absl::StrCat("HxWxC in the key ", key_));
    return shape;
  }

  absl::StatusOr<double> Number(absl::string_view name, double low, double high) {
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view text, Text(name));
    double value = 0;
    if (!absl::SimpleAtod(text, &value) || !(value >= low && value <= high)) {
      return Wrong(place_, name, text,
                   absl::StrCat("a number from ", low, " to ", high, " in the key ", key_));
    }
    return value;
  }

  absl::StatusOr<bool> Flag(absl::string_view name) {
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view text, Text(name));
    if (text == "0" || text == "1") return text == "1";
    return Wrong(place_, name, text, absl::StrCat("0 or 1 in the key ", key_));
  }

  // Every field has been asked for.
  absl::Status CheckAllUsed() const {
    for (const auto& [name, value] : values_) {
      if (used_.count(name) == 0) {
        return Wrong(place_, "key", key_, absl::StrCat("without an unknown part '", name, "'"));
      }
    }
    return absl::OkStatus();
  }

 private:
  KeyFields(absl::string_view place, absl::string_view key) : place_(place), key_(key) {}

  absl::StatusOr<absl::string_view> Text(absl::string_view name) {
    const auto it = values_.find(name);
    if (it == values_.end()) {
      return Wrong(place_, "key", key_, absl::StrCat("one with a part '", name, ":'"));
    }
    used_[name] = true;
    return it->second;
  }

  absl::string_view place_;
  absl::string_view key_;
  absl::string_view part_name_;
  std::map<absl::string_view, absl::string_view> values_;
  std::map<absl::string_view, bool> used_;
};

absl::Status ReadBlockKey(KeyFields& fields, BlockSignature& signature) {
  NIWAKI_ASSIGN_OR_RETURN(const double kernel, fields.Number("kernel", 1, kMaxDimension));
  NIWAKI_ASSIGN_OR_RETURN(const double stride, fields.Number("stride", 1, kMaxDimension));
  NIWAKI_ASSIGN_OR_RETURN(signature.shortcut, fields.Flag("idskip"));
  NIWAKI_ASSIGN_OR_RETURN(const double expand, fields.Number("expand", 0.01, kMaxDimension));
  signature.kernel_size = static_cast<int>(kernel);
  signature.stride = static_cast<int>(stride);
  if (fields.Has("se") || fields.Has("hs")) {
    NIWAKI_ASSIGN_OR_RETURN(signature.squeeze_excite, fields.Flag("se"));
    NIWAKI_ASSIGN_OR_RETURN(const bool hard_swish, fields.Flag("hs"));
    signature.activation = hard_swish ? OpActivation::kHardSwish : OpActivation::kRelu;
    signature.mid_channels = static_cast<int>(expand);
  } else {
    signature.activation = OpActivation::kRelu6;
    signature.mid_channels = arch::ExpandedWidth(signature.input.channels, expand);
  }
  return absl::OkStatus();
}

absl::StatusOr<BlockSignature> ReadKey(absl::string_view place, absl::string_view key) {
  if (key.size() > kMaxKeyLength) return Wrong(place, "key", key, "at most 200 characters");
  NIWAKI_ASSIGN_OR_RETURN(KeyFields fields, KeyFields::Parse(place, key));
  const auto* const named =
      std::find_if(std::begin(kParts), std::end(kParts),
                   [&](const NamedPart& part) { return part.name == fields.part_name(); });
  if (named == std::end(kParts)) {
    return Wrong(place, "key", key,
                 "one of Conv, expanded_conv, Conv_1, AvgPool2D, Conv_2, Logits");
  }
  BlockSignature signature;
  signature.part = named->part;
  NIWAKI_ASSIGN_OR_RETURN(signature.input, fields.Shape("input"));
  NIWAKI_ASSIGN_OR_RETURN(signature.output, fields.Shape("output"));
  if (signature.part == BlockPart::kBlock) {
    NIWAKI_RETURN_IF_ERROR(ReadBlockKey(fields, signature));
  }
  NIWAKI_RETURN_IF_ERROR(fields.CheckAllUsed());
  return signature;
}

// The figure `name` in milliseconds (or their square); `required` ones must be there.
absl::StatusOr<double> ReadFigure(const RawEntry& entry, const char* name, bool required,
                                  double high) {
  const auto it = entry.fields.find(name);
  if (it == entry.fields.end()) {
    if (!required) return 0.0;
    return Wrong(entry.place, name, "", absl::StrCat("set for ", entry.key));
  }
  double value = 0;
  if (!absl::SimpleAtod(it->second.first, &value) || !(value >= 0 && value <= high)) {
    return Wrong(it->second.second, name, it->second.first,
                 absl::StrCat("a number of milliseconds from 0 to ", high, " (", entry.key, ")"));
  }
  return value;
}

absl::StatusOr<OfaEntry> EntryOf(const RawEntry& raw) {
  OfaEntry entry;
  NIWAKI_ASSIGN_OR_RETURN(entry.signature, ReadKey(raw.place, raw.key));
  NIWAKI_ASSIGN_OR_RETURN(const double mean, ReadFigure(raw, "mean", true, kMaxOfaMilliseconds));
  NIWAKI_ASSIGN_OR_RETURN(double spread, ReadFigure(raw, "std", false, kMaxOfaMilliseconds));
  if (raw.fields.count("var") > 0) {
    if (raw.fields.count("std") > 0) return Wrong(raw.place, "var", raw.key, "beside std");
    NIWAKI_ASSIGN_OR_RETURN(
        const double variance,
        ReadFigure(raw, "var", false, kMaxOfaMilliseconds * kMaxOfaMilliseconds));
    spread = std::sqrt(variance);
  }
  const auto count = raw.fields.find("count");
  if (count != raw.fields.end()) {
    double runs = 0;
    if (!absl::SimpleAtod(count->second.first, &runs) || !(runs >= 1 && runs <= kMaxRuns) ||
        runs != std::floor(runs)) {
      return Wrong(count->second.second, "count", count->second.first,
                   absl::StrCat("a whole number from 1 (", raw.key, ")"));
    }
    entry.count = static_cast<int64_t>(runs);
  }
  entry.latency_us = mean * kMicrosPerMilli;
  entry.spread_us = spread * kMicrosPerMilli;
  return entry;
}

// The one Conv, which tells the resolution.
absl::StatusOr<BlockSignature> StemOf(const std::vector<RawEntry>& entries,
                                      absl::string_view what) {
  const RawEntry* stem = nullptr;
  for (const RawEntry& entry : entries) {
    if (!absl::StartsWith(entry.key, "Conv-")) continue;
    if (stem != nullptr) {
      return Wrong(entry.place, "key", entry.key,
                   absl::StrCat("the only Conv, as ", stem->key, " is there"));
    }
    stem = &entry;
  }
  if (stem == nullptr) {
    return Wrong(what, "key", "", "complete: no Conv-input:HxWx3-output:... says the resolution");
  }
  return ReadKey(stem->place, stem->key);
}

std::string SizesText(const std::set<std::pair<int, int>>& sizes) {
  std::vector<std::string> texts;
  for (const auto& [height, width] : sizes) {
    if (texts.size() == kShownResolutions) break;
    texts.push_back(absl::StrCat(height, "x", width));
  }
  return absl::StrCat(absl::StrJoin(texts, ", "), sizes.size() > kShownResolutions ? ", …" : "");
}

// The space of the catalogue that the table has most of, as "; the table is that of 'NAME' (310 of
// its 310 parts)"; else what its blocks look like; "" where that is `space` itself.
std::string FamilyText(const arch::SearchSpace& space, const BlockLatencies& latencies) {
  std::string best;
  double best_share = 0;
  for (const std::string& name : arch::CatalogueNames()) {
    const auto other = arch::CatalogueSpace(name);
    if (!other.ok()) continue;
    const std::vector<int> covered = latency::CoveredResolutions(*other, latencies);
    if (covered.empty()) continue;
    const auto restricted = arch::WithResolutions(*other, covered);
    if (!restricted.ok()) continue;
    const auto parts = latency::SpaceTable::FindMissing(*restricted, latencies);
    if (!parts.ok()) continue;
    const int there = parts->total - static_cast<int>(parts->missing.size());
    const double share = static_cast<double>(there) / parts->total;
    if (share <= best_share) continue;
    best_share = share;
    best = name == space.name()
               ? ""
               : absl::StrCat("; the table is likely that of '", name, "': it has ", there,
                              " of its ", parts->total, " parts");
  }
  if (best_share >= kLikelyShare) return best;
  size_t ratios = 0, blocks = 0;
  for (const auto& [signature, latency_us] : latencies) {
    if (signature.part != BlockPart::kBlock) continue;
    ++blocks;
    ratios += signature.activation == OpActivation::kRelu6;
  }
  if (blocks == 0) return "";
  return ratios == blocks ? "; its blocks are those of ProxylessNAS and MobileNetV2 (relu6)"
         : ratios == 0    ? "; its blocks are those of MobileNetV3 (se and hs)"
                          : "";
}

absl::Status WithFamily(const absl::Status& status, const arch::SearchSpace& space,
                        const BlockLatencies& latencies) {
  const std::string family = FamilyText(space, latencies);
  const auto detail = GetErrorDetail(status);
  if (family.empty() || !detail.has_value()) return status;
  return Error(status.code(), detail->reason)
      .Field(detail->field)
      .Value(detail->value)
      .Limit(detail->limit)
      .Message(absl::StrCat(status.message(), family));
}

}  // namespace

absl::StatusOr<std::vector<OfaEntry>> ReadOfaTable(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<RawEntry> raw, ReadEntries(text, what));
  if (raw.empty()) return Malformed(what, "holds no entries");
  NIWAKI_ASSIGN_OR_RETURN(const BlockSignature stem, StemOf(raw, what));
  std::vector<OfaEntry> entries;
  // Where each part stands first.
  absl::flat_hash_map<BlockSignature, std::string> places;
  for (const RawEntry& one : raw) {
    NIWAKI_ASSIGN_OR_RETURN(OfaEntry entry, EntryOf(one));
    entry.signature.network_height = stem.input.height;
    entry.signature.network_width = stem.input.width;
    const auto [it, fresh] = places.emplace(entry.signature, one.place);
    if (!fresh) {
      return Wrong(one.place, "key", one.key,
                   absl::StrCat("given once; it stands at ", it->second));
    }
    entries.push_back(entry);
  }
  return entries;
}

absl::StatusOr<std::vector<OfaEntry>> ReadOfaTables(const std::vector<NamedText>& files) {
  std::vector<OfaEntry> all;
  std::map<std::pair<int, int>, std::string> names;
  for (const NamedText& file : files) {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<OfaEntry> entries,
                            ReadOfaTable(file.text, file.name));
    const BlockSignature& first = entries[0].signature;
    const auto [it, fresh] =
        names.emplace(std::make_pair(first.network_height, first.network_width), file.name);
    if (!fresh) {
      return Wrong(file.name, "resolution",
                   absl::StrCat(first.network_height, "x", first.network_width),
                   absl::StrCat("given once; it is that of ", it->second));
    }
    all.insert(all.end(), entries.begin(), entries.end());
  }
  return all;
}

latency::BlockLatencies LatenciesOf(const std::vector<OfaEntry>& entries) {
  BlockLatencies latencies;
  for (const OfaEntry& entry : entries) latencies[entry.signature] = entry.latency_us;
  return latencies;
}

absl::StatusOr<latency::SpaceTable> SpaceTableOf(const arch::SearchSpace& space,
                                                 const latency::BlockLatencies& latencies) {
  auto table = latency::SpaceTable::OfLatencies(space, latencies, &OfaKey);
  if (!absl::IsInvalidArgument(table.status())) return table;
  return WithFamily(table.status(), space, latencies);
}

absl::StatusOr<arch::SearchSpace> CoveredSpace(const arch::SearchSpace& space,
                                               const latency::BlockLatencies& latencies) {
  const std::vector<int> covered = latency::CoveredResolutions(space, latencies);
  if (!covered.empty()) return arch::WithResolutions(space, covered);
  std::set<std::pair<int, int>> of_tables, of_space;
  for (const auto& [signature, latency_us] : latencies) {
    of_tables.emplace(signature.network_height, signature.network_width);
  }
  for (const arch::Resolution& resolution : space.resolutions()) {
    of_space.emplace(resolution.height, resolution.width);
  }
  const std::string theirs = SizesText(of_tables), ours = SizesText(of_space);
  const absl::Status status =
      Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("latency table")
          .Value(theirs)
          .Limit(ours)
          .Message(absl::StrCat("the latency tables are for inputs of ", theirs, "; space '",
                                space.name(), "' has ", ours));
  return WithFamily(status, space, latencies);
}

std::string OfaKey(const BlockSignature& signature) {
  std::string key;
  for (const NamedPart& named : kParts) {
    if (named.part == signature.part) key = std::string(named.name);
  }
  absl::StrAppend(&key, "-input:", arch::ShapeText(signature.input), "-output:");
  if (signature.part == BlockPart::kClassifier) {
    return absl::StrCat(key, signature.output.channels);
  }
  absl::StrAppend(&key, arch::ShapeText(signature.output));
  if (signature.part != BlockPart::kBlock) return key;
  const bool ratio = signature.activation == OpActivation::kRelu6;
  absl::StrAppend(&key, "-expand:",
                  ratio ? absl::StrCat(1.0 * signature.mid_channels / signature.input.channels)
                        : absl::StrCat(signature.mid_channels),
                  "-kernel:", signature.kernel_size, "-stride:", signature.stride,
                  "-idskip:", signature.shortcut ? 1 : 0);
  if (!ratio) {
    absl::StrAppend(&key, "-se:", signature.squeeze_excite ? 1 : 0,
                    "-hs:", signature.activation == OpActivation::kHardSwish ? 1 : 0);
  }
  return key;
}

std::vector<NamedText> WriteOfaTables(const std::vector<OfaEntry>& entries) {
  constexpr double kMicrosOfMilli = 1000;
  // By resolution, then key.
  std::map<std::pair<int, int>, std::map<std::string, const OfaEntry*>> files;
  for (const OfaEntry& entry : entries) {
    const BlockSignature& signature = entry.signature;
    files[{signature.network_height, signature.network_width}][OfaKey(signature)] = &entry;
  }
  std::vector<NamedText> texts;
  for (const auto& [resolution, keys] : files) {
    NamedText& file = texts.emplace_back();
    file.name = absl::StrCat(resolution.first, "x", resolution.second, ".yaml");
    for (const auto& [key, entry] : keys) {
      absl::StrAppendFormat(&file.text, "%s:\n  count: %d\n  mean: %.17g\n  std: %.17g\n", key,
                            entry->count, entry->latency_us / kMicrosOfMilli,
                            entry->spread_us / kMicrosOfMilli);
    }
  }
  return texts;
}

}  // namespace niwaki::interchange
