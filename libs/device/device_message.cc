#include "libs/device/device_message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::device {
namespace {

using google::protobuf::TextFormat;

// Keeps the first complaint of the text parser.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat("line ", line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value,
                   const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("device ", field, " ", value, " is not ", limit));
}

absl::StatusOr<MemoryKind> KindFromMessage(int kind, absl::string_view region) {
  switch (kind) {
    case v1::MEMORY_KIND_SRAM:
      return MemoryKind::kSram;
    case v1::MEMORY_KIND_FLASH:
      return MemoryKind::kFlash;
    default:
      return Wrong(absl::StrCat(region, ".kind"), kind, "SRAM (1) or FLASH (2)");
  }
}

absl::StatusOr<MemoryUse> UseFromMessage(int use, absl::string_view region) {
  switch (use) {
    case v1::MEMORY_USE_ARENA:
      return MemoryUse::kArena;
    case v1::MEMORY_USE_WEIGHTS:
      return MemoryUse::kWeights;
    case v1::MEMORY_USE_OTHER:
      return MemoryUse::kOther;
    default:
      return Wrong(absl::StrCat(region, ".use"), use, "ARENA (1), WEIGHTS (2) or OTHER (3)");
  }
}

// The regions, from themselves or from the two sizes.
absl::StatusOr<std::vector<MemoryRegion>> MemoryFromMessage(const v1::Device& message) {
  if (message.memory().empty()) {
    NIWAKI_RETURN_IF_ERROR(ValidateMemoryBytes("sram_bytes", message.sram_bytes()));
    NIWAKI_RETURN_IF_ERROR(ValidateMemoryBytes("flash_bytes", message.flash_bytes()));
    return PlainMemory(message.sram_bytes(), message.flash_bytes());
  }
  std::vector<MemoryRegion> memory;
  for (int i = 0; i < message.memory_size(); ++i) {
    const v1::MemoryRegion& from = message.memory(i);
    const std::string field = absl::StrCat("memory[", i, "]");
    MemoryRegion region;
    region.name = from.name();
    region.bytes = from.bytes();
    NIWAKI_ASSIGN_OR_RETURN(region.kind, KindFromMessage(from.kind(), field));
    NIWAKI_ASSIGN_OR_RETURN(region.use, UseFromMessage(from.use(), field));
    memory.push_back(std::move(region));
  }
  return memory;
}

void MemoryToMessage(const std::vector<MemoryRegion>& memory, v1::Device& message) {
  for (const MemoryRegion& region : memory) {
    v1::MemoryRegion& added = *message.add_memory();
    added.set_name(region.name);
    added.set_kind(region.kind == MemoryKind::kSram ? v1::MEMORY_KIND_SRAM : v1::MEMORY_KIND_FLASH);
    added.set_bytes(region.bytes);
    switch (region.use) {
      case MemoryUse::kArena:
        added.set_use(v1::MEMORY_USE_ARENA);
        break;
      case MemoryUse::kWeights:
        added.set_use(v1::MEMORY_USE_WEIGHTS);
        break;
      case MemoryUse::kOther:
        added.set_use(v1::MEMORY_USE_OTHER);
        break;
    }
  }
}

}  // namespace

absl::StatusOr<Device> DeviceFromMessage(const v1::Device& message) {
  Device device;
  device.name = message.name();
  device.description = message.description();
  device.core = message.core();
  device.clock_hz = message.clock_hz();
  NIWAKI_ASSIGN_OR_RETURN(device.memory, MemoryFromMessage(message));
  // Before the field could be absent, 0 said that the power is unknown.
  if (message.active_power_mw() != 0) device.active_power_mw = message.active_power_mw();
  if (!message.kernel_set().empty()) device.kernel_set = message.kernel_set();
  device.source = message.source();
  NIWAKI_RETURN_IF_ERROR(Validate(device));
  if (message.sram_bytes() != 0 && message.sram_bytes() != device.sram_bytes()) {
    return Wrong("sram_bytes", message.sram_bytes(),
                 absl::StrCat(device.sram_bytes(), ", the bytes of the ARENA region"));
  }
  if (message.flash_bytes() != 0 && message.flash_bytes() != device.flash_bytes()) {
    return Wrong("flash_bytes", message.flash_bytes(),
                 absl::StrCat(device.flash_bytes(), ", the bytes of the WEIGHTS region"));
  }
  return device;
}

v1::Device ToMessage(const Device& device) {
  v1::Device message;
  message.set_name(device.name);
  message.set_description(device.description);
  message.set_core(device.core);
  message.set_clock_hz(device.clock_hz);
  message.set_sram_bytes(device.sram_bytes());
  message.set_flash_bytes(device.flash_bytes());
  if (device.active_power_mw.has_value()) message.set_active_power_mw(*device.active_power_mw);
  message.set_source(device.source);
  MemoryToMessage(device.memory, message);
  message.set_kernel_set(device.kernel_set);
  return message;
}

absl::StatusOr<Device> DeviceFromTextproto(absl::string_view text) {
  v1::Device message;
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &message)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("device")
        .Message(absl::StrCat("device: ", error.text));
  }
  return DeviceFromMessage(message);
}

std::string MemoryToText(const Device& device) {
  if (device.memory == PlainMemory(device.sram_bytes(), device.flash_bytes())) return "";
  v1::Device message;
  MemoryToMessage(device.memory, message);
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

bool AddMemoryText(absl::string_view text, v1::Device& message) {
  return TextFormat::MergeFromString(std::string(text), &message);
}

}  // namespace niwaki::device
