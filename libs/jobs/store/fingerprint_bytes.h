// Fingerprints as keys of rows.

#ifndef NIWAKI_LIBS_JOBS_STORE_FINGERPRINT_BYTES_H_
#define NIWAKI_LIBS_JOBS_STORE_FINGERPRINT_BYTES_H_

#include <string>

#include "libs/base/digest.h"

namespace niwaki::jobs {

// 16 bytes, high half first, big-endian: sorts as the fingerprint does.
inline std::string FingerprintBytes(const Fingerprint& fingerprint) {
  std::string bytes(16, '\0');
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(fingerprint.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<char>(fingerprint.low >> (56 - 8 * i));
  }
  return bytes;
}

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_FINGERPRINT_BYTES_H_
