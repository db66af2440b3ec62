// The files of libs/latency/devices as generated code.

#ifndef NIWAKI_LIBS_LATENCY_DEVICE_DATA_H_
#define NIWAKI_LIBS_LATENCY_DEVICE_DATA_H_

#include <vector>

namespace niwaki::latency {

// Texts of devices/*.textproto, sorted by file name.
const std::vector<const char*>& DeviceTexts();

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_DEVICE_DATA_H_
