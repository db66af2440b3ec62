// Sizes of what a linked program puts into memory.

#ifndef NIWAKI_LIBS_BOARD_ELF_SIZES_ELF_SIZES_H_
#define NIWAKI_LIBS_BOARD_ELF_SIZES_ELF_SIZES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace niwaki::board {

struct ElfSizes {
  // Code; constants; variables that begin with a value; variables that begin with zeros.
  int64_t text = 0;
  int64_t rodata = 0;
  int64_t data = 0;
  int64_t bss = 0;
  // What the linker script sets aside for the stack (section .stack); in none of the others.
  int64_t stack = 0;

  int64_t flash() const { return text + rodata + data; }
  int64_t ram() const { return data + bss; }
};

// Sums up the sections of the ELF file `path` that are loaded, by their flags, whatever their
// names. NotFound; InvalidArgument with reason FILE_MALFORMED for a file that is no ELF program.
absl::StatusOr<ElfSizes> ReadElfSizes(const std::string& path);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_ELF_SIZES_ELF_SIZES_H_
