// The files of libs/device/devices as generated code.

#ifndef NIWAKI_LIBS_DEVICE_DEVICE_DATA_H_
#define NIWAKI_LIBS_DEVICE_DEVICE_DATA_H_

#include <vector>

namespace niwaki::device {

// Texts of devices/*.textproto, sorted by file name.
const std::vector<const char*>& DeviceTexts();

}  // namespace niwaki::device

#endif  // NIWAKI_LIBS_DEVICE_DEVICE_DATA_H_
