// Objects that one process compiles, for programs that build many networks.

#ifndef NIWAKI_LIBS_BOARD_BUILD_PROCESS_OBJECTS_H_
#define NIWAKI_LIBS_BOARD_BUILD_PROCESS_OBJECTS_H_

#include "libs/board/build/object_cache.h"

namespace niwaki::board {

// The process's own cache, in a temporary folder that goes with the process; null where there can
// be none. Thread-safe.
ObjectCache* ProcessObjects();

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_PROCESS_OBJECTS_H_
