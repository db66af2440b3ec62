// The textproto files of libs/arch/spaces as generated code. Private to //libs/arch:catalogue.

#ifndef NIWAKI_LIBS_ARCH_CATALOGUE_DATA_H_
#define NIWAKI_LIBS_ARCH_CATALOGUE_DATA_H_

#include <vector>

namespace niwaki::arch {

struct CatalogueEntry {
  // The file's name without ".textproto".
  const char* name;
  const char* text;
};

// Sorted by name.
const std::vector<CatalogueEntry>& CatalogueEntries();

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_CATALOGUE_DATA_H_
