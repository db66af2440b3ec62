// The default coefficients as generated code.

#ifndef NIWAKI_LIBS_LATENCY_COEFFICIENT_DATA_H_
#define NIWAKI_LIBS_LATENCY_COEFFICIENT_DATA_H_

namespace niwaki::latency {

// Text of default_coefficients.json.
const char* DefaultCoefficientsText();

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_COEFFICIENT_DATA_H_
