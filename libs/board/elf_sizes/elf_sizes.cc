#include "libs/board/elf_sizes/elf_sizes.h"

#include <gelf.h>
#include <libelf.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

absl::Status Malformed(const std::string& path) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(path)
      .Message(absl::StrCat(path, " is no ELF file that can be read: ", elf_errmsg(-1)));
}

void Add(const GElf_Shdr& section, absl::string_view name, ElfSizes& sizes) {
  if ((section.sh_flags & SHF_ALLOC) == 0) return;
  const int64_t size = static_cast<int64_t>(section.sh_size);
  if (name == ".stack") {
    sizes.stack += size;
  } else if (section.sh_type == SHT_NOBITS) {
    sizes.bss += size;
  } else if ((section.sh_flags & SHF_EXECINSTR) != 0) {
    sizes.text += size;
  } else if ((section.sh_flags & SHF_WRITE) != 0) {
    sizes.data += size;
  } else {
    sizes.rodata += size;
  }
}

}  // namespace

absl::StatusOr<ElfSizes> ReadElfSizes(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_memory(bytes.data(), bytes.size()), elf_end);
  size_t names = 0;
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
      elf_getshdrstrndx(elf.get(), &names) != 0)
    return Malformed(path);
  ElfSizes sizes;
  for (Elf_Scn* section = elf_nextscn(elf.get(), nullptr); section != nullptr;
       section = elf_nextscn(elf.get(), section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) return Malformed(path);
    const char* const name = elf_strptr(elf.get(), names, header.sh_name);
    Add(header, name == nullptr ? "" : name, sizes);
  }
  return sizes;
}

}  // namespace niwaki::board
