#include "libs/base/process/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace niwaki {

Terminal DescribeTerminal(int fd, const char* kind) {
  Terminal terminal;
  if (isatty(fd) == 0) return terminal;
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.columns = size.ws_col;
  const bool understands = kind != nullptr && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
  terminal.draws = understands && terminal.columns >= kLeastColumns;
  return terminal;
}

}  // namespace niwaki
