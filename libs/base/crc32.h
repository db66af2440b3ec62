// CRC-32 as zip, gzip and Ethernet have it (polynomial 0x04C11DB7, reflected): against accidents,
// not against people.

#ifndef NIWAKI_LIBS_BASE_CRC32_H_
#define NIWAKI_LIBS_BASE_CRC32_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace niwaki {

// Of `bytes`, or of what gave `before` followed by `bytes`.
uint32_t Crc32(absl::string_view bytes, uint32_t before = 0);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_CRC32_H_
