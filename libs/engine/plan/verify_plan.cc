#include "libs/engine/plan/verify_plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/plan/dense_sides.h"
#include "libs/engine/plan/scratch.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::InPlace;
using arch::Op;
using arch::OpKind;
using arch::RowRange;
using arch::TensorId;

constexpr int32_t kNobody = -1;
constexpr int32_t kScratch = -2;
// Steps begin at 0; what nobody reads is last read before.
constexpr int kNever = -1;

// What a byte of the arena holds: an element of a tensor (row by row, pixel by pixel, channel by
// channel, however it lies), or, of kScratch, scratch memory of operator `element`.
struct Owner {
  int32_t tensor = kNobody;
  int32_t element = 0;
};

struct Steps {
  int64_t row = 0;
  int64_t column = 0;
  int64_t channel = 0;
};

class Replay {
 public:
  Replay(const Graph& graph, const NetworkPlan& plan, const VerifyOptions& options)
      : graph_(graph), plan_(plan.memory), schedule_(plan.schedule), options_(options) {}

  absl::Status Run() {
    NIWAKI_RETURN_IF_ERROR(CheckCounts());
    FindWriters();
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      turns_.push_back(TurnOfRing(graph_, plan_, static_cast<TensorId>(t)));
    }
    NIWAKI_RETURN_IF_ERROR(CheckPlaces());
    NIWAKI_RETURN_IF_ERROR(CheckOperators());
    NIWAKI_ASSIGN_OR_RETURN(steps_, StepsOf(graph_, schedule_));
    FindRoots();
    FindLastReads();
    owners_.assign(plan_.arena_bytes, {});
    if (!ImageComesByRows()) Place(graph_.input, {0, graph_.shape(graph_.input).height});
    for (step_ = 0; step_ < static_cast<int>(steps_.size()); ++step_) {
      NIWAKI_RETURN_IF_ERROR(Execute(steps_[step_]));
    }
    return CheckOutput();
  }

 private:
  absl::Status Invalid(absl::string_view field, const std::string& message) const {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Message(message);
  }

  std::string NameOf(int op) const {
    return absl::StrCat("operator ", op, " (", arch::OpKindName(graph_.ops[op].kind), ")");
  }

  static std::string Range(int64_t begin, int64_t end) {
    return absl::StrCat("[", begin, ", ", end, ")");
  }

  static std::string Range(const TensorPlacement& place) {
    return Range(place.offset_bytes, place.offset_bytes + place.size_bytes);
  }

  absl::Status CheckCounts() const {
    const std::pair<absl::string_view, std::pair<size_t, size_t>> counts[] = {
        {"tensors", {plan_.tensors.size(), graph_.tensors.size()}},
        {"scratch", {plan_.scratch.size(), graph_.ops.size()}},
        {"overwrites", {plan_.overwrites.size(), graph_.ops.size()}}};
    for (const auto& [field, sizes] : counts) {
      if (sizes.first == sizes.second) continue;
      return Invalid(field, absl::StrCat("the plan has ", sizes.first, " ", field,
                                         ", the network needs ", sizes.second));
    }
    if (plan_.arena_bytes < 0 || plan_.arena_bytes > options_.most_arena_bytes) {
      return Invalid("arena_bytes",
                     absl::StrCat("an arena of ", plan_.arena_bytes, " bytes is not between 0 and ",
                                  options_.most_arena_bytes));
    }
    return absl::OkStatus();
  }

  // Who writes and who reads last, by operator; floats and constants lie elsewhere.
  void FindWriters() {
    writers_.assign(graph_.tensors.size(), kNever);
    last_readers_.assign(graph_.tensors.size(), kNever);
    elsewhere_.assign(graph_.tensors.size(), true);
    elsewhere_[graph_.input] = false;
    writers_[graph_.input] = 0;
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      const Op& op = graph_.ops[i];
      writers_[op.output] = static_cast<int>(i);
      elsewhere_[op.output] = op.kind == OpKind::kDequantize;
      if (op.kind == OpKind::kQuantize) elsewhere_[op.input] = true;
      for (const TensorId input : arch::InputsOf(graph_, op)) {
        last_readers_[input] = static_cast<int>(i);
      }
    }
    last_readers_[graph_.output] = static_cast<int>(graph_.ops.size()) - 1;
  }

  // One place: aligned, inside of the arena, large enough.
  absl::Status CheckPlace(const std::string& what, const TensorPlacement& place,
                          int64_t needed) const {
    if (place.size_bytes < needed) {
      return Invalid("size_bytes", absl::StrCat(what, " needs ", needed, " bytes and has ",
                                                place.size_bytes, " at ", Range(place)));
    }
    if (place.offset_bytes < 0 || place.offset_bytes > plan_.arena_bytes ||
        place.size_bytes > plan_.arena_bytes - place.offset_bytes) {
      return Invalid("offset_bytes", absl::StrCat(what, " lies at bytes ", Range(place),
                                                  " of an arena of ", plan_.arena_bytes));
    }
    if (place.offset_bytes % options_.alignment != 0) {
      return Invalid("offset_bytes", absl::StrCat(what, " lies at bytes ", Range(place),
                                                  ", no multiple of ", options_.alignment));
    }
    return absl::OkStatus();
  }

  absl::Status CheckPlaces() const {
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (elsewhere_[t]) continue;
      const TensorPlacement& place = plan_.tensors[t];
      const arch::TensorShape& shape = graph_.tensors[t];
      const std::string what = absl::StrCat("tensor ", t);
      // In the ring of another tensor there are as many rows as that has room for.
      const RingTurn& turn = turns_[t];
      const bool turns = turn.by_row != 0 || turn.offset != 0;
      if (place.ring_rows < 0 || (place.ring_rows > shape.height && !turns)) {
        return Invalid("ring_rows", absl::StrCat(what, " has ", shape.height,
                                                 " rows, not a ring of ", place.ring_rows));
      }
      const int64_t rows = place.ring_rows > 0 ? place.ring_rows : shape.height;
      NIWAKI_RETURN_IF_ERROR(CheckPlace(what, place, rows * shape.width * shape.channels));
      if (place.first_op > writers_[t]) {
        return Invalid("first_op", absl::StrCat(NameOf(writers_[t]), " writes ", what, " at bytes ",
                                                Range(place), ", which begins to live at operator ",
                                                place.first_op));
      }
      if (place.last_op < last_readers_[t]) {
        return Invalid("last_op",
                       absl::StrCat(NameOf(last_readers_[t]), " reads ", what, " at bytes ",
                                    Range(place), ", which lives until operator ", place.last_op));
      }
    }
    return absl::OkStatus();
  }

  // What the kernel of an operator needs as the schedule runs it.
  int64_t ScratchOf(int op) const {
    for (const Segment& segment : schedule_.segments) {
      if (op < segment.first_op || op >= segment.end_op || segment.mode != RunMode::kRows) continue;
      return ScratchBytesOfRows(graph_, graph_.ops[op], segment.rows_at_a_time);
    }
    return ScratchBytes(graph_, graph_.ops[op]);
  }

  absl::Status CheckOperators() const {
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      const Op& op = graph_.ops[i];
      const int index = static_cast<int>(i);
      const int64_t scratch = options_.scratch ? ScratchOf(index) : 0;
      if (scratch > 0 || plan_.scratch[i].size_bytes != 0) {
        NIWAKI_RETURN_IF_ERROR(CheckPlace(absl::StrCat("the scratch memory of ", NameOf(index)),
                                          plan_.scratch[i], std::max<int64_t>(scratch, 0)));
      }
      const TensorId over = plan_.overwrites[i];
      if (over < -1 || over >= static_cast<TensorId>(graph_.tensors.size())) {
        return Invalid("overwrites", absl::StrCat(NameOf(index), " overwrites tensor ", over,
                                                  ", which there is not"));
      }
      const DenseSides dense = DenseSidesOf(graph_, op);
      if (dense.output) NIWAKI_RETURN_IF_ERROR(CheckDense(NameOf(index), op.output));
      if (!dense.inputs) continue;
      for (const TensorId input : arch::InputsOf(graph_, op)) {
        NIWAKI_RETURN_IF_ERROR(CheckDense(NameOf(index), input));
      }
    }
    if (!ImageComesByRows()) NIWAKI_RETURN_IF_ERROR(CheckDense("the caller", graph_.input));
    return CheckDense("the caller", graph_.output);
  }

  absl::Status CheckDense(const std::string& who, TensorId id) const {
    const TensorPlacement& place = plan_.tensors[id];
    if (elsewhere_[id] || (place.layout == Layout::kInterleaved && place.ring_rows == 0)) {
      return absl::OkStatus();
    }
    return Invalid("layout", absl::StrCat(who, " takes tensor ", id, " at bytes ", Range(place),
                                          " as one row of bytes, pixel by pixel, which it is not"));
  }

  // Outputs of reshapes that are their inputs: one tensor by two names.
  void FindRoots() {
    for (size_t t = 0; t < graph_.tensors.size(); ++t) roots_.push_back(static_cast<TensorId>(t));
    for (const Op& op : graph_.ops) {
      if (op.kind != OpKind::kReshape || elsewhere_[op.input] || elsewhere_[op.output]) continue;
      const bool same_place =
          plan_.tensors[op.input].offset_bytes == plan_.tensors[op.output].offset_bytes;
      if (same_place && graph_.shape(op.input).elements() == graph_.shape(op.output).elements()) {
        roots_[op.output] = roots_[op.input];
      }
    }
  }

  void FindLastReads() {
    for (const arch::TensorShape& shape : graph_.tensors) {
      last_reads_.emplace_back(shape.height, kNever);
    }
    for (size_t s = 0; s < steps_.size(); ++s) {
      const Op& op = graph_.ops[steps_[s].op];
      for (const TensorId input : arch::InputsOf(graph_, op)) {
        NoteRead(input, RowsRead(graph_, op, input, steps_[s].rows), static_cast<int>(s));
      }
    }
    NoteRead(graph_.output, {0, graph_.shape(graph_.output).height},
             static_cast<int>(steps_.size()));
  }

  void NoteRead(TensorId id, RowRange rows, int step) {
    std::vector<int>& reads = last_reads_[roots_[id]];
    // By another name its rows are others: all of it.
    if (roots_[id] != id) rows = {0, static_cast<int>(reads.size())};
    for (int y = rows.begin; y < rows.end; ++y) reads[y] = std::max(reads[y], step);
  }

  // The step that reads what `owner` says last; kNever for scratch memory and for nothing.
  int LastReadOf(const Owner& owner) const {
    if (owner.tensor < 0) return kNever;
    const arch::TensorShape& shape = graph_.shape(owner.tensor);
    return last_reads_[owner.tensor][owner.element / (shape.width * shape.channels)];
  }

  Steps StepsIn(TensorId id) const {
    const arch::TensorShape& shape = graph_.shape(id);
    const TensorPlacement& place = plan_.tensors[id];
    const int64_t rows = place.ring_rows > 0 ? place.ring_rows : shape.height;
    if (place.layout == Layout::kPlanar) return {shape.width, 1, rows * shape.width};
    return {int64_t{shape.width} * shape.channels, shape.channels, 1};
  }

  // Calls visit(byte, element) for every element of these rows, in the order of kernels, until it
  // returns an error.
  template <typename Visit>
  absl::Status ForEach(TensorId id, const RowRange& rows, const Visit& visit) const {
    if (elsewhere_[id]) return absl::OkStatus();
    const arch::TensorShape& shape = graph_.shape(id);
    const TensorPlacement& place = plan_.tensors[id];
    const Steps steps = StepsIn(id);
    const RingTurn& ring = turns_[id];
    const int turn = rows.begin * ring.by_row + ring.offset;
    for (int y = rows.begin; y < rows.end; ++y) {
      int line = place.ring_rows > 0 ? (y + turn) % place.ring_rows : y;
      // A plan that is wrong may turn the other way.
      if (line < 0) line += place.ring_rows;
      int32_t element = y * shape.width * shape.channels;
      for (int x = 0; x < shape.width; ++x) {
        const int64_t pixel = place.offset_bytes + line * steps.row + x * steps.column;
        for (int c = 0; c < shape.channels; ++c) {
          NIWAKI_RETURN_IF_ERROR(visit(pixel + c * steps.channel, element++));
        }
      }
    }
    return absl::OkStatus();
  }

  void Place(TensorId id, const RowRange& rows) {
    (void)ForEach(id, rows, [&](int64_t byte, int32_t element) {
      owners_[byte] = {roots_[id], element};
      return absl::OkStatus();
    });
  }

  // Its rows are handed over in order, each when a step asks for it.
  bool ImageComesByRows() const { return plan_.tensors[graph_.input].ring_rows > 0; }

  absl::Status TakeImageRows(int end) {
    for (; image_rows_ < end; ++image_rows_) {
      NIWAKI_RETURN_IF_ERROR(
          ForEach(graph_.input, {image_rows_, image_rows_ + 1}, [&](int64_t byte, int32_t element) {
            const int last_read = LastReadOf(owners_[byte]);
            if (last_read >= step_) {
              return Invalid("offset_bytes",
                             absl::StrCat("row ", image_rows_, " of the image lies over bytes ",
                                          RunAt(byte), " of tensor ", owners_[byte].tensor,
                                          ", which ", ReaderAt(last_read), " reads"));
            }
            owners_[byte] = {graph_.input, element};
            return absl::OkStatus();
          }));
    }
    return absl::OkStatus();
  }

  absl::Status Execute(const Step& step) {
    const Op& op = graph_.ops[step.op];
    for (const TensorId input : arch::InputsOf(graph_, op)) {
      if (input == graph_.input && ImageComesByRows()) {
        NIWAKI_RETURN_IF_ERROR(TakeImageRows(RowsRead(graph_, op, input, step.rows).end));
      }
      NIWAKI_RETURN_IF_ERROR(
          CheckRead(NameOf(step.op), input, RowsRead(graph_, op, input, step.rows)));
    }
    NIWAKI_RETURN_IF_ERROR(TakeScratch(step.op));
    return Write(step);
  }

  absl::Status CheckRead(const std::string& who, TensorId id, const RowRange& rows) const {
    return ForEach(id, rows, [&](int64_t byte, int32_t element) {
      const Owner& owner = owners_[byte];
      if (owner.tensor == roots_[id] && owner.element == element) return absl::OkStatus();
      return Invalid("offset_bytes", absl::StrCat(who, " reads tensor ", id, " at bytes ",
                                                  RunAt(byte), ", which hold ", TextOf(owner, id)));
    });
  }

  // The bytes from `byte` on that have the same owner.
  std::string RunAt(int64_t byte) const {
    int64_t end = byte;
    while (end < plan_.arena_bytes && owners_[end].tensor == owners_[byte].tensor) ++end;
    return Range(byte, end);
  }

  std::string TextOf(const Owner& owner, TensorId wanted) const {
    if (owner.tensor == kNobody) return "nothing";
    if (owner.tensor == kScratch) return absl::StrCat("scratch memory of ", NameOf(owner.element));
    if (owner.tensor == roots_[wanted]) return "other elements of it";
    return absl::StrCat("tensor ", owner.tensor);
  }

  std::string ReaderAt(int step) const {
    if (step >= static_cast<int>(steps_.size())) return "the caller";
    return NameOf(steps_[step].op);
  }

  absl::Status TakeScratch(int op) {
    const TensorPlacement& place = plan_.scratch[op];
    for (int64_t byte = place.offset_bytes; byte < place.offset_bytes + place.size_bytes; ++byte) {
      const int last_read = LastReadOf(owners_[byte]);
      if (last_read >= step_) {
        return Invalid("scratch",
                       absl::StrCat("scratch memory of ", NameOf(op), " lies over bytes ",
                                    RunAt(byte), " of tensor ", owners_[byte].tensor, ", which ",
                                    ReaderAt(last_read), " reads"));
      }
      owners_[byte] = {kScratch, op};
    }
    return absl::OkStatus();
  }

  absl::Status Write(const Step& step) {
    const Op& op = graph_.ops[step.op];
    // Two names of one tensor: nothing is written.
    if (op.kind == OpKind::kReshape && roots_[op.output] == roots_[op.input]) {
      return absl::OkStatus();
    }
    return ForEach(op.output, step.rows, [&](int64_t byte, int32_t element) {
      NIWAKI_RETURN_IF_ERROR(CheckWrite(step, byte, element));
      owners_[byte] = {op.output, element};
      return absl::OkStatus();
    });
  }

  absl::Status CheckWrite(const Step& step, int64_t byte, int32_t element) const {
    const Owner& owner = owners_[byte];
    const Op& op = graph_.ops[step.op];
    const bool own_scratch = owner.tensor == kScratch && owner.element == step.op;
    const int last_read = LastReadOf(owner);
    if (!own_scratch && last_read < step_) return absl::OkStatus();
    const std::string what =
        absl::StrCat(NameOf(step.op), " writes tensor ", op.output, " over bytes ", RunAt(byte));
    if (own_scratch) return Invalid("scratch", absl::StrCat(what, " of its scratch memory"));
    if (last_read > step_) {
      return Invalid("offset_bytes", absl::StrCat(what, " of tensor ", owner.tensor, ", which ",
                                                  ReaderAt(last_read), " reads"));
    }
    const TensorId over = plan_.overwrites[step.op];
    if (over >= 0 && roots_[over] == owner.tensor && IsDoneWith(op, owner, element)) {
      return absl::OkStatus();
    }
    return Invalid("offset_bytes",
                   absl::StrCat(what, " of tensor ", owner.tensor, ", which it still reads"));
  }

  // Whether the kernel of `op` has read the owner's element for the last time when it writes
  // `element` of its output.
  bool IsDoneWith(const Op& op, const Owner& owner, int32_t element) const {
    switch (arch::FactsOf(op.kind).in_place) {
      case InPlace::kNever:
        return false;
      case InPlace::kElementwise:
        return owner.element == element;
      case InPlace::kByChannel: {
        const int inputs = graph_.shape(op.input).channels;
        const int outputs = graph_.shape(op.output).channels;
        // The input channel that the output's is made of is in the scratch plane.
        return owner.element % inputs <= element % outputs / (outputs / inputs);
      }
    }
    return false;
  }

  absl::Status CheckOutput() const {
    return CheckRead("the caller", graph_.output, {0, graph_.shape(graph_.output).height});
  }

  const Graph& graph_;
  const MemoryPlan& plan_;
  const Schedule& schedule_;
  const VerifyOptions& options_;
  std::vector<Step> steps_;
  // By tensor: the operators that write it and read it last; 0 for the image.
  std::vector<int> writers_;
  std::vector<int> last_readers_;
  // By tensor: not in the arena.
  std::vector<bool> elsewhere_;
  // By tensor.
  std::vector<RingTurn> turns_;
  std::vector<TensorId> roots_;
  // By root and row: the last step that reads it.
  std::vector<std::vector<int>> last_reads_;
  // By byte of the arena.
  std::vector<Owner> owners_;
  int step_ = 0;
  // Rows of the image handed over so far, where it comes by rows.
  int image_rows_ = 0;
};

}  // namespace

absl::Status VerifyPlan(const Graph& graph, const NetworkPlan& plan, const VerifyOptions& options) {
  return Replay(graph, plan, options).Run();
}

}  // namespace niwaki::engine
