// What a stream is drawn on.

#ifndef NIWAKI_LIBS_BASE_PROCESS_TERMINAL_H_
#define NIWAKI_LIBS_BASE_PROCESS_TERMINAL_H_

namespace niwaki {

// Narrower terminals, such as a corner of a screen or a serial line, get plain lines.
constexpr int kLeastColumns = 40;

struct Terminal {
  // Whether a line can be drawn over itself: on a terminal of kLeastColumns at least whose kind,
  // $TERM, is known and not "dumb".
  bool draws = false;
  // 80 where the terminal does not say, and for files and pipes.
  int columns = 80;
};

// `fd` as it is now; `kind` is the value of $TERM, null where that is not set.
Terminal DescribeTerminal(int fd, const char* kind);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_TERMINAL_H_
