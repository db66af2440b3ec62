// The default calibrations as generated code.

#ifndef NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_DATA_H_
#define NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_DATA_H_

namespace niwaki::latency {

// Text of default_calibrations.json.
const char* DefaultCalibrationsText();

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_DATA_H_
