// Who has a device open.

#ifndef NIWAKI_LIBS_BOARD_PORT_PORT_HOLDER_H_
#define NIWAKI_LIBS_BOARD_PORT_PORT_HOLDER_H_

#include <string>

namespace niwaki::board {

// "process 4711 (minicom)" for the first other process that has the file `path` open; "" where that
// is nobody, or one of another user into which this process may not look.
std::string HolderOf(const std::string& path);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_PORT_HOLDER_H_
