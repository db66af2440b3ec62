// Devices and the message of device.proto, both ways, and its text form.

#ifndef NIWAKI_LIBS_DEVICE_DEVICE_MESSAGE_H_
#define NIWAKI_LIBS_DEVICE_DEVICE_MESSAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/device/device.h"
#include "proto/niwaki/v1/device.pb.h"

namespace niwaki::device {

// Names stand as they are, without "devices/". Sizes without regions become PlainMemory, a power of
// 0 is unknown. The errors of Validate, and InvalidArgument ARGUMENT_INVALID for enumerators that
// are unset or unknown and for sizes that contradict the regions.
absl::StatusOr<Device> DeviceFromMessage(const v1::Device& message);
v1::Device ToMessage(const Device& device);

// Reads device.proto as text. InvalidArgument with reason FILE_MALFORMED (not such a text), or as
// above.
absl::StatusOr<Device> DeviceFromTextproto(absl::string_view text);

// The regions alone on one line, for stores; "" for a PlainMemory.
std::string MemoryToText(const Device& device);
// Adds what MemoryToText wrote to `message`; false for another text.
bool AddMemoryText(absl::string_view text, v1::Device& message);

}  // namespace niwaki::device

#endif  // NIWAKI_LIBS_DEVICE_DEVICE_MESSAGE_H_
