#include "libs/engine/plan/plan_json.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {

constexpr char kFormat[] = "niwaki plan";
constexpr int kVersion = 1;
constexpr size_t kMostParts = 65536;
constexpr int64_t kMostBytes = int64_t{1} << 40;

absl::string_view LayoutName(Layout layout) {
  return layout == Layout::kPlanar ? "planar" : "interleaved";
}

// Reads fields of one text; the first thing that is wrong is what Run returns.
class Reader {
 public:
  explicit Reader(absl::string_view what) : what_(what) {}

  absl::StatusOr<NetworkPlan> Run(const Json& json) {
    NIWAKI_RETURN_IF_ERROR(CheckHeader(json));
    NetworkPlan plan;
    MemoryPlan& memory = plan.memory;
    NIWAKI_ASSIGN_OR_RETURN(memory.arena_bytes, Integer(json, "arena_bytes", 0, kMostBytes));
    NIWAKI_ASSIGN_OR_RETURN(memory.lower_bound_bytes,
                            Integer(json, "lower_bound_bytes", 0, kMostBytes));
    NIWAKI_ASSIGN_OR_RETURN(const Json* schedule, List(json, "schedule"));
    NIWAKI_ASSIGN_OR_RETURN(const Json* tensors, List(json, "tensors"));
    NIWAKI_ASSIGN_OR_RETURN(const Json* operators, List(json, "operators"));
    arena_bytes_ = memory.arena_bytes;
    operators_ = static_cast<int>(operators->size());
    NIWAKI_ASSIGN_OR_RETURN(const int64_t peak, Integer(json, "peak_operator", 0, operators_ - 1));
    memory.peak_op = static_cast<int>(peak);
    for (size_t i = 0; i < schedule->size(); ++i) {
      where_ = absl::StrCat("schedule[", i, "].");
      NIWAKI_ASSIGN_OR_RETURN(const Segment segment, ReadSegment((*schedule)[i]));
      plan.schedule.segments.push_back(segment);
    }
    for (size_t i = 0; i < tensors->size(); ++i) {
      where_ = absl::StrCat("tensors[", i, "].");
      NIWAKI_ASSIGN_OR_RETURN(const TensorPlacement place, ReadTensor((*tensors)[i]));
      memory.tensors.push_back(place);
    }
    for (size_t i = 0; i < operators->size(); ++i) {
      where_ = absl::StrCat("operators[", i, "].");
      NIWAKI_RETURN_IF_ERROR(ReadOperator((*operators)[i], static_cast<int>(i), memory));
    }
    NIWAKI_RETURN_IF_ERROR(Annotate(Validate(plan.schedule, operators_), what_));
    return plan;
  }

 private:
  absl::Status Malformed(absl::string_view field, const std::string& value,
                         const std::string& limit) const {
    const std::string path = absl::StrCat(where_, field);
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(path)
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat(what_, ": ", path, " is ", value, ", needs ", limit));
  }

  absl::Status CheckHeader(const Json& json) {
    if (!json.is_object()) return Malformed("the plan", json.type_name(), "an object");
    const auto format = json.find("format");
    if (format == json.end() || *format != kFormat) {
      return Malformed("format", format == json.end() ? "missing" : ShortText(*format),
                       absl::StrCat("'", kFormat, "'"));
    }
    return Integer(json, "version", kVersion, kVersion).status();
  }

  // Anything as text, short enough for a message.
  static std::string ShortText(const Json& json) {
    if (json.is_object() || json.is_array()) return json.type_name();
    return json.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40);
  }

  absl::StatusOr<int64_t> Integer(const Json& json, const char* field, int64_t low,
                                  int64_t high) const {
    const std::string limit = absl::StrCat("an integer from ", low, " to ", high);
    if (!json.is_object()) return Malformed("entry", json.type_name(), "an object");
    const auto it = json.find(field);
    if (it == json.end()) return Malformed(field, "missing", limit);
    if (!it->is_number_integer()) return Malformed(field, ShortText(*it), limit);
    const bool huge = it->is_number_unsigned() && it->get<uint64_t>() > INT64_MAX;
    const int64_t value = huge ? INT64_MAX : it->get<int64_t>();
    if (huge || value < low || value > high) return Malformed(field, ShortText(*it), limit);
    return value;
  }

  absl::StatusOr<const Json*> List(const Json& json, const char* field) const {
    const auto it = json.find(field);
    const std::string limit = absl::StrCat("a list of 1 to ", kMostParts);
    if (it == json.end()) return Malformed(field, "missing", limit);
    if (!it->is_array()) return Malformed(field, ShortText(*it), limit);
    if (it->empty() || it->size() > kMostParts) {
      return Malformed(field, absl::StrCat("a list of ", it->size()), limit);
    }
    return &*it;
  }

  // The number of one of two or more names.
  absl::StatusOr<int> Choice(const Json& json, const char* field,
                             const std::vector<absl::string_view>& names) const {
    const auto it = json.is_object() ? json.find(field) : json.end();
    std::string limit = "one of";
    for (const absl::string_view name : names) absl::StrAppend(&limit, " ", name);
    if (it == json.end()) return Malformed(field, "missing", limit);
    for (size_t i = 0; it->is_string() && i < names.size(); ++i) {
      if (it->get_ref<const std::string&>() == std::string(names[i])) return static_cast<int>(i);
    }
    return Malformed(field, ShortText(*it), limit);
  }

  absl::StatusOr<int> Small(const Json& json, const char* field, int low, int high) const {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t value, Integer(json, field, low, high));
    return static_cast<int>(value);
  }

  absl::StatusOr<Segment> ReadSegment(const Json& json) const {
    constexpr int kMost = static_cast<int>(kMostParts);
    Segment segment;
    NIWAKI_ASSIGN_OR_RETURN(const int mode,
                            Choice(json, "mode",
                                   {RunModeName(RunMode::kWhole), RunModeName(RunMode::kRows),
                                    RunModeName(RunMode::kPatches)}));
    segment.mode = static_cast<RunMode>(mode);
    NIWAKI_ASSIGN_OR_RETURN(segment.first_op, Small(json, "first_op", 0, operators_ - 1));
    NIWAKI_ASSIGN_OR_RETURN(segment.end_op, Small(json, "end_op", 1, operators_));
    NIWAKI_ASSIGN_OR_RETURN(segment.rows_at_a_time, Small(json, "rows_at_a_time", 1, kMost));
    NIWAKI_ASSIGN_OR_RETURN(segment.patches_down, Small(json, "patches_down", 1, kMost));
    NIWAKI_ASSIGN_OR_RETURN(segment.patches_across, Small(json, "patches_across", 1, kMost));
    return segment;
  }

  absl::StatusOr<TensorPlacement> ReadTensor(const Json& json) const {
    TensorPlacement place;
    NIWAKI_ASSIGN_OR_RETURN(place.size_bytes, Integer(json, "size_bytes", 0, arena_bytes_));
    NIWAKI_ASSIGN_OR_RETURN(place.offset_bytes,
                            Integer(json, "offset_bytes", 0, arena_bytes_ - place.size_bytes));
    NIWAKI_ASSIGN_OR_RETURN(place.first_op, Small(json, "first_op", 0, operators_ - 1));
    NIWAKI_ASSIGN_OR_RETURN(place.last_op, Small(json, "last_op", 0, operators_ - 1));
    NIWAKI_ASSIGN_OR_RETURN(
        const int layout,
        Choice(json, "layout", {LayoutName(Layout::kInterleaved), LayoutName(Layout::kPlanar)}));
    place.layout = static_cast<Layout>(layout);
    NIWAKI_ASSIGN_OR_RETURN(place.ring_rows,
                            Small(json, "ring_rows", 0, static_cast<int>(kMostParts)));
    return place;
  }

  absl::Status ReadOperator(const Json& json, int index, MemoryPlan& memory) const {
    const int tensors = static_cast<int>(memory.tensors.size());
    NIWAKI_ASSIGN_OR_RETURN(const int over, Small(json, "overwrites", -1, tensors - 1));
    TensorPlacement scratch;
    NIWAKI_ASSIGN_OR_RETURN(scratch.size_bytes, Integer(json, "scratch_bytes", 0, arena_bytes_));
    NIWAKI_ASSIGN_OR_RETURN(scratch.offset_bytes, Integer(json, "scratch_offset_bytes", 0,
                                                          arena_bytes_ - scratch.size_bytes));
    if (scratch.size_bytes > 0) scratch.first_op = scratch.last_op = index;
    memory.overwrites.push_back(over);
    memory.scratch.push_back(scratch);
    return absl::OkStatus();
  }

  const absl::string_view what_;
  std::string where_;
  int64_t arena_bytes_ = 0;
  int operators_ = 0;
};

}  // namespace

std::string PlanToJson(const NetworkPlan& plan) {
  const MemoryPlan& memory = plan.memory;
  Json json;
  json["format"] = kFormat;
  json["version"] = kVersion;
  json["arena_bytes"] = memory.arena_bytes;
  json["lower_bound_bytes"] = memory.lower_bound_bytes;
  json["peak_operator"] = memory.peak_op;
  json["schedule"] = Json::array();
  for (const Segment& segment : plan.schedule.segments) {
    json["schedule"].push_back({{"mode", std::string(RunModeName(segment.mode))},
                                {"first_op", segment.first_op},
                                {"end_op", segment.end_op},
                                {"rows_at_a_time", segment.rows_at_a_time},
                                {"patches_down", segment.patches_down},
                                {"patches_across", segment.patches_across}});
  }
  json["tensors"] = Json::array();
  for (const TensorPlacement& place : memory.tensors) {
    json["tensors"].push_back({{"offset_bytes", place.offset_bytes},
                               {"size_bytes", place.size_bytes},
                               {"first_op", place.first_op},
                               {"last_op", place.last_op},
                               {"layout", std::string(LayoutName(place.layout))},
                               {"ring_rows", place.ring_rows}});
  }
  json["operators"] = Json::array();
  for (size_t i = 0; i < memory.scratch.size(); ++i) {
    json["operators"].push_back({{"overwrites", memory.overwrites[i]},
                                 {"scratch_offset_bytes", memory.scratch[i].offset_bytes},
                                 {"scratch_bytes", memory.scratch[i].size_bytes}});
  }
  return absl::StrCat(json.dump(), "\n");
}

absl::StatusOr<NetworkPlan> PlanFromJson(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, what));
  return Reader(what).Run(json);
}

}  // namespace niwaki::engine
