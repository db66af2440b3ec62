#include "libs/tensorfile/pickle/pickle.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/tensorfile/pickle/pickle_call.h"

namespace niwaki::tensorfile {
namespace {

constexpr size_t kMaxValues = 500000;
constexpr size_t kMaxBytes = 32 << 20;
constexpr int kMaxDepth = 64;
constexpr size_t kMaxGlobalBytes = 256;
constexpr size_t kMaxForeign = 64;
// torch.save's, and the newest there is.
constexpr int kFirstProtocol = 2;
constexpr int kLastProtocol = 5;

enum Opcode : uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kNone = 'N',
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kLong1 = 0x8A,
  kLong4 = 0x8B,
  kBinFloat = 'G',
  kBinUnicode = 'X',
  kShortBinUnicode = 0x8C,
  kBinUnicode8 = 0x8D,
  kBinString = 'T',
  kShortBinString = 'U',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinBytes8 = 0x8E,
  kByteArray8 = 0x96,
  kEmptySet = 0x8F,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kEmptyDict = '}',
  kSetItem = 's',
  kSetItems = 'u',
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kNewObject = 0x81,
  kNewObjectEx = 0x92,
  kBuild = 'b',
  kBinPersId = 'Q',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kMemoize = 0x94,
  kFrame = 0x95,
  kProto = 0x80,
};

// Whether `text` is UTF-8 without overlong forms and surrogates.
bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
    const uint8_t lead = byte(i);
    const size_t more = lead < 0x80   ? 0
                        : lead < 0xC2 ? 4
                        : lead < 0xE0 ? 1
                        : lead < 0xF0 ? 2
                        : lead < 0xF5 ? 3
                                      : 4;
    if (more > 3 || text.size() - i <= more) return false;
    for (size_t j = 1; j <= more; ++j) {
      if ((byte(i + j) & 0xC0) != 0x80) return false;
    }
    const uint8_t second = more > 0 ? byte(i + 1) : 0;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

// The machine that a pickle is the program of.
class Machine {
 public:
  Machine(absl::string_view bytes, absl::string_view what, std::deque<PickleValue>& values,
          std::set<std::string>& foreign)
      : bytes_(bytes), what_(what), values_(values), foreign_(foreign) {}

  // To its end, which need not be that of the bytes.
  absl::StatusOr<const PickleValue*> Run() {
    if (bytes_.size() < 2 || Byte(0) != kProto) return Corrupt("is no pickle");
    if (Byte(1) < kFirstProtocol || Byte(1) > kLastProtocol) {
      return Refuse(absl::StrCat("pickle protocol ", Byte(1), "; ", kFirstProtocol, " to ",
                                 kLastProtocol, " are read"));
    }
    position_ = 2;
    while (!stopped_) {
      if (position_ >= bytes_.size()) return Corrupt("the pickle is cut short");
      if (position_ > kMaxBytes) {
        return Corrupt(absl::StrCat("a pickle of more than ", kMaxBytes, " bytes"));
      }
      if (values_.size() > kMaxValues) {
        return Corrupt(absl::StrCat("more than ", kMaxValues, " values"));
      }
      const uint8_t opcode = Byte(position_++);
      NIWAKI_RETURN_IF_ERROR(Step(opcode));
    }
    if (stack_.size() != 1 || !marks_.empty()) return Corrupt("the pickle ends in disorder");
    return stack_.back();
  }

  // Where it ended.
  size_t position() const { return position_; }

 private:
  absl::Status Corrupt(absl::string_view problem) const {
    return CorruptPickle(what_, absl::StrCat(problem, " (byte ", position_, ")"));
  }

  absl::Status Refuse(const std::string& problem) const {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(what_)
        .Message(absl::StrCat(what_, ": ", problem, " (byte ", position_, ")"));
  }

  uint8_t Byte(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }

  // The next `count` bytes.
  absl::StatusOr<absl::string_view> Take(size_t count) {
    if (bytes_.size() - position_ < count) return Corrupt("the pickle is cut short");
    const absl::string_view taken = bytes_.substr(position_, count);
    position_ += count;
    return taken;
  }

  // An unsigned little-endian number.
  absl::StatusOr<uint64_t> TakeNumber(size_t count) {
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view taken, Take(count));
    uint64_t number = 0;
    for (size_t i = count; i-- > 0;) number = number << 8 | static_cast<uint8_t>(taken[i]);
    return number;
  }

  PickleValue& Push(PickleKind kind) {
    values_.emplace_back();
    values_.back().kind = kind;
    stack_.push_back(&values_.back());
    return values_.back();
  }

  // Stack elements above the last mark.
  size_t AboveMark() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  absl::Status Step(uint8_t opcode) {
    switch (opcode) {
      case kMark:
        marks_.push_back(stack_.size());
        return absl::OkStatus();
      case kStop:
        stopped_ = true;
        return absl::OkStatus();
      case kNone:
        Push(PickleKind::kNone);
        return absl::OkStatus();
      case kNewTrue:
      case kNewFalse:
        Push(PickleKind::kBool).boolean = opcode == kNewTrue;
        return absl::OkStatus();
      case kBinInt:
      case kBinInt1:
      case kBinInt2:
      case kLong1:
      case kLong4:
        return PushInteger(opcode);
      case kBinFloat:
        return PushFloat();
      case kBinUnicode:
      case kShortBinUnicode:
      case kBinUnicode8:
        return PushText(opcode);
      case kBinString:
      case kShortBinString:
      case kBinBytes:
      case kShortBinBytes:
      case kBinBytes8:
      case kByteArray8:
        return PushBytes(opcode);
      case kEmptySet:
        Push(PickleKind::kOpaque).text = "set";
        return absl::OkStatus();
      case kEmptyList:
        Push(PickleKind::kList);
        return absl::OkStatus();
      case kEmptyDict:
        Push(PickleKind::kDict);
        return absl::OkStatus();
      case kGlobal:
        return PushGlobal();
      case kFrame:
        return TakeNumber(8).status();
      default:
        return StepOnStack(opcode);
    }
  }

  // The opcodes that work on what lies on the stack.
  absl::Status StepOnStack(uint8_t opcode) {
    switch (opcode) {
      case kEmptyTuple:
        return MakeTuple(0);
      case kTuple1:
      case kTuple2:
      case kTuple3:
        return MakeTuple(opcode - kTuple1 + 1);
      case kTuple:
        return MakeMarkedTuple();
      case kAppend:
        return AddItems(1);
      case kAppends:
        return AddMarked(PickleKind::kList);
      case kSetItem:
        return AddItems(2);
      case kSetItems:
        return AddMarked(PickleKind::kDict);
      case kAddItems:
        return AddMarked(PickleKind::kOpaque);
      case kStackGlobal:
        return PushStackGlobal();
      case kReduce:
      case kNewObject:
        return Reduce();
      case kBuild:
        return Build();
      case kBinPersId:
        return LoadStorage();
      default:
        return StepOnMemo(opcode);
    }
  }

  // The opcodes that put values aside, and the rare ones.
  absl::Status StepOnMemo(uint8_t opcode) {
    switch (opcode) {
      case kPop:
        // A mark on top is what is taken away then.
        if (AboveMark() == 0 && !marks_.empty()) {
          marks_.pop_back();
          return absl::OkStatus();
        }
        return Drop(1);
      case kPopMark:
        return DropMarked();
      case kDup:
        if (AboveMark() < 1) return Corrupt("nothing to repeat");
        stack_.push_back(stack_.back());
        return absl::OkStatus();
      case kFrozenSet:
        NIWAKI_RETURN_IF_ERROR(DropMarked());
        Push(PickleKind::kOpaque).text = "frozenset";
        return absl::OkStatus();
      case kNewObjectEx:
        // Arguments by name are those of objects that are never built.
        NIWAKI_RETURN_IF_ERROR(Drop(1));
        return Reduce();
      case kMemoize:
        if (AboveMark() < 1) return Corrupt("nothing to remember");
        memo_[memo_.size()] = stack_.back();
        return absl::OkStatus();
      case kBinPut:
      case kLongBinPut:
        return Put(opcode == kBinPut ? 1 : 4);
      case kBinGet:
      case kLongBinGet:
        return Get(opcode == kBinGet ? 1 : 4);
      default:
        return Refuse(absl::StrCat("the pickle holds opcode 0x", absl::Hex(opcode, absl::kZeroPad2),
                                   ", which torch.save does not emit; it is refused"));
    }
  }

  absl::Status Drop(size_t count) {
    if (AboveMark() < count) return Corrupt("nothing to take away");
    stack_.resize(stack_.size() - count);
    return absl::OkStatus();
  }

  absl::Status DropMarked() {
    if (marks_.empty()) return Corrupt("nothing is marked");
    stack_.resize(marks_.back());
    marks_.pop_back();
    return absl::OkStatus();
  }

  absl::Status PushInteger(uint8_t opcode) {
    size_t count = opcode == kBinInt ? 4 : opcode == kBinInt2 ? 2 : 1;
    if (opcode == kLong1 || opcode == kLong4) {
      NIWAKI_ASSIGN_OR_RETURN(count, TakeNumber(opcode == kLong1 ? 1 : 4));
      if (count > 8) {
        NIWAKI_RETURN_IF_ERROR(Take(count).status());
        Push(PickleKind::kOpaque).text = "int";
        return absl::OkStatus();
      }
    }
    NIWAKI_ASSIGN_OR_RETURN(uint64_t number, TakeNumber(count));
    const bool is_signed = opcode == kBinInt || opcode == kLong1 || opcode == kLong4;
    if (is_signed && count > 0 && count < 8 && (number >> (8 * count - 1)) != 0) {
      number |= ~uint64_t{0} << (8 * count);
    }
    Push(PickleKind::kInt).integer = static_cast<int64_t>(number);
    return absl::OkStatus();
  }

  absl::Status PushFloat() {
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view taken, Take(8));
    uint64_t bits = 0;
    for (const char c : taken) bits = bits << 8 | static_cast<uint8_t>(c);
    std::memcpy(&Push(PickleKind::kFloat).real, &bits, sizeof(bits));
    return absl::OkStatus();
  }

  absl::Status PushText(uint8_t opcode) {
    const size_t width = opcode == kBinUnicode ? 4 : opcode == kBinUnicode8 ? 8 : 1;
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t size, TakeNumber(width));
    NIWAKI_ASSIGN_OR_RETURN(const absl::string_view text, Take(size));
    if (!IsUtf8(text)) return Corrupt("text that is not UTF-8");
    Push(PickleKind::kString).text = std::string(text);
    return absl::OkStatus();
  }

  absl::Status PushBytes(uint8_t opcode) {
    const bool is_short = opcode == kShortBinString || opcode == kShortBinBytes;
    const bool is_long = opcode == kBinBytes8 || opcode == kByteArray8;
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t size, TakeNumber(is_short ? 1 : is_long ? 8 : 4));
    NIWAKI_RETURN_IF_ERROR(Take(size).status());
    Push(PickleKind::kOpaque).text = "bytes";
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> TakeLine() {
    const size_t end = bytes_.substr(0, position_ + kMaxGlobalBytes).find('\n', position_);
    if (end == absl::string_view::npos) return Corrupt("the name of a global does not end");
    const absl::string_view line = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return std::string(line);
  }

  absl::Status PushGlobal() {
    NIWAKI_ASSIGN_OR_RETURN(const std::string module, TakeLine());
    NIWAKI_ASSIGN_OR_RETURN(const std::string name, TakeLine());
    return PushGlobal(absl::StrCat(module, ".", name));
  }

  // Module and name lie on the stack.
  absl::Status PushStackGlobal() {
    if (AboveMark() < 2) return Corrupt("a global without a name");
    const PickleValue& module = *stack_[stack_.size() - 2];
    const PickleValue& name = *stack_[stack_.size() - 1];
    if (module.kind != PickleKind::kString || name.kind != PickleKind::kString ||
        module.text.size() + name.text.size() > kMaxGlobalBytes) {
      return Corrupt("the name of a global is no short text");
    }
    stack_.resize(stack_.size() - 2);
    return PushGlobal(absl::StrCat(module.text, ".", name.text));
  }

  absl::Status PushGlobal(const std::string& global) {
    NIWAKI_RETURN_IF_ERROR(CheckGlobal(global, what_));
    if (!IsKnownGlobal(global) && foreign_.size() < kMaxForeign) foreign_.insert(global);
    Push(PickleKind::kGlobal).text = global;
    return absl::OkStatus();
  }

  // A tuple of the topmost `count` elements, in their place.
  absl::Status MakeTuple(size_t count) {
    if (AboveMark() < count) return Corrupt("too few values for a tuple");
    std::vector<const PickleValue*> items(stack_.end() - count, stack_.end());
    stack_.resize(stack_.size() - count);
    Push(PickleKind::kTuple).items = std::move(items);
    return absl::OkStatus();
  }

  absl::Status MakeMarkedTuple() {
    if (marks_.empty()) return Corrupt("a tuple without a mark");
    const size_t count = AboveMark();
    marks_.pop_back();
    return MakeTuple(count);
  }

  // Moves the topmost `count` elements into the list (one) or dict (pairs) below them.
  absl::Status AddItems(size_t count) {
    if (AboveMark() < count + 1) return Corrupt("too few values for a list or dict");
    return Add(count, count == 1 ? PickleKind::kList : PickleKind::kDict);
  }

  absl::Status AddMarked(PickleKind kind) {
    if (marks_.empty()) return Corrupt("items without a mark");
    const size_t count = AboveMark();
    marks_.pop_back();
    if (AboveMark() < count + 1) return Corrupt("items without a list or dict");
    return Add(count, kind);
  }

  absl::Status Add(size_t count, PickleKind kind) {
    const size_t first = stack_.size() - count;
    PickleValue& target = *stack_[first - 1];
    if (target.kind == PickleKind::kOpaque) {
      stack_.resize(first);
      return absl::OkStatus();
    }
    if (target.kind != kind || (kind == PickleKind::kDict && count % 2 != 0)) {
      return Corrupt(absl::StrCat(count, " items added to a ", PickleKindName(target.kind)));
    }
    if (kind == PickleKind::kList) {
      target.items.insert(target.items.end(), stack_.begin() + first, stack_.end());
    } else {
      for (size_t i = first; i < stack_.size(); i += 2) {
        target.entries.emplace_back(stack_[i], stack_[i + 1]);
      }
    }
    stack_.resize(first);
    return absl::OkStatus();
  }

  absl::Status Reduce() {
    if (AboveMark() < 2) return Corrupt("a call without arguments");
    const PickleValue& arguments = *stack_[stack_.size() - 1];
    const PickleValue& global = *stack_[stack_.size() - 2];
    stack_.resize(stack_.size() - 2);
    return CallGlobal(global, arguments, what_, Push(PickleKind::kNone));
  }

  // The state of an OrderedDict is the versions of a state dict's modules, that of a tensor what a
  // subclass adds: of no use here.
  absl::Status Build() {
    if (AboveMark() < 2) return Corrupt("a state without an object");
    const PickleKind state = stack_[stack_.size() - 1]->kind;
    const PickleKind target = stack_[stack_.size() - 2]->kind;
    if (target != PickleKind::kDict && target != PickleKind::kTensor &&
        target != PickleKind::kOpaque) {
      return Corrupt(
          absl::StrCat("a ", PickleKindName(state), " as the state of a ", PickleKindName(target)));
    }
    stack_.pop_back();
    return absl::OkStatus();
  }

  absl::Status LoadStorage() {
    if (AboveMark() < 1) return Corrupt("a persistent id is missing");
    const PickleValue& id = *stack_.back();
    stack_.pop_back();
    return LoadPersistent(id, what_, Push(PickleKind::kNone));
  }

  absl::Status Put(size_t width) {
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t index, TakeNumber(width));
    if (AboveMark() < 1) return Corrupt("nothing to remember");
    memo_[index] = stack_.back();
    return absl::OkStatus();
  }

  absl::Status Get(size_t width) {
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t index, TakeNumber(width));
    const auto it = memo_.find(index);
    if (it == memo_.end()) return Corrupt(absl::StrCat("nothing is remembered as ", index));
    stack_.push_back(it->second);
    return absl::OkStatus();
  }

  const absl::string_view bytes_;
  const absl::string_view what_;
  std::deque<PickleValue>& values_;
  std::set<std::string>& foreign_;
  size_t position_ = 0;
  bool stopped_ = false;
  std::vector<PickleValue*> stack_;
  // Heights of the stack.
  std::vector<size_t> marks_;
  absl::flat_hash_map<uint64_t, PickleValue*> memo_;
};

// Walks a finished pickle once.
class Inspector {
 public:
  explicit Inspector(absl::string_view what) : what_(what) {}

  // Sets `height` to the number of levels below `value`.
  absl::Status Visit(const PickleValue& value, int depth, int& height) {
    if (depth > kMaxDepth) return Nested();
    const auto [it, is_new] = heights_.emplace(&value, kOpen);
    if (!is_new) {
      if (it->second == kOpen) return CorruptPickle(what_, "a value lies within itself");
      height = it->second;
      return depth + height > kMaxDepth ? Nested() : absl::OkStatus();
    }
    height = 0;
    NIWAKI_RETURN_IF_ERROR(CheckKeys(value));
    for (const PickleValue* item : value.items) {
      NIWAKI_RETURN_IF_ERROR(VisitChild(*item, depth, height));
    }
    for (const auto& [key, item] : value.entries) {
      NIWAKI_RETURN_IF_ERROR(VisitChild(*item, depth, height));
    }
    heights_[&value] = height;
    return absl::OkStatus();
  }

 private:
  static constexpr int kOpen = -1;

  absl::Status Nested() const {
    return CorruptPickle(what_, absl::StrCat("values nested deeper than ", kMaxDepth));
  }

  absl::Status VisitChild(const PickleValue& child, int depth, int& height) {
    int below = 0;
    NIWAKI_RETURN_IF_ERROR(Visit(child, depth + 1, below));
    height = std::max(height, below + 1);
    return absl::OkStatus();
  }

  absl::Status CheckKeys(const PickleValue& dict) const {
    absl::flat_hash_set<absl::string_view> texts;
    absl::flat_hash_set<int64_t> integers;
    for (const auto& entry : dict.entries) {
      const PickleValue& key = *entry.first;
      if (key.kind == PickleKind::kString) {
        if (texts.insert(key.text).second) continue;
        return CorruptPickle(what_, absl::StrCat("key '", key.text, "' stands twice in a dict"));
      }
      // Tuples, None and what else Python takes for a key; a list it does not.
      if (key.kind == PickleKind::kList || key.kind == PickleKind::kDict) {
        return CorruptPickle(what_,
                             absl::StrCat("a ", PickleKindName(key.kind), " as the key of a dict"));
      }
      if (key.kind == PickleKind::kInt && !integers.insert(key.integer).second) {
        return CorruptPickle(what_, absl::StrCat("key ", key.integer, " stands twice in a dict"));
      }
    }
    return absl::OkStatus();
  }

  const absl::string_view what_;
  absl::flat_hash_map<const PickleValue*, int> heights_;
};

}  // namespace

absl::StatusOr<Pickle> Pickle::Parse(absl::string_view bytes, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(Pickle pickle, ParseNext(bytes, what));
  if (!bytes.empty()) return CorruptPickle(what, "bytes follow the pickle");
  return pickle;
}

absl::StatusOr<Pickle> Pickle::ParseNext(absl::string_view& bytes, absl::string_view what) {
  Pickle pickle;
  pickle.values_ = std::make_unique<std::deque<PickleValue>>();
  Machine machine(bytes, what, *pickle.values_, pickle.foreign_);
  NIWAKI_ASSIGN_OR_RETURN(pickle.root_, machine.Run());
  int height = 0;
  NIWAKI_RETURN_IF_ERROR(Inspector(what).Visit(*pickle.root_, /*depth=*/1, height));
  bytes.remove_prefix(machine.position());
  return pickle;
}

}  // namespace niwaki::tensorfile
