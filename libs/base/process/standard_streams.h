// The streams that a program is started with: open at its start, and at its end told whether all of
// its output arrived.
//
//   int main(int argc, char** argv) {
//     niwaki::PrepareStandardStreams();
//     return niwaki::ExitCodeAfterOutput("niwaki-oracle", Run(argc, argv));
//   }

#ifndef NIWAKI_LIBS_BASE_PROCESS_STANDARD_STREAMS_H_
#define NIWAKI_LIBS_BASE_PROCESS_STANDARD_STREAMS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// Call first in main. Gives a stream that is closed (`>&-`) its number back, or the next file that
// is opened would get what is printed; writing to it stays an error. Ignores SIGPIPE and SIGXFSZ: a
// reader that leaves and a limit on the size of files are errors of the write.
void PrepareStandardStreams();

// The same for a server, which is asked by other ways than its output: a standard output that is
// closed is discarded.
void PrepareServerStreams();

// Writes out what std::cout and stdout hold. The error of any write to them since the start,
// "standard output: No space left on device". OK where the reader left (`| head`): it has what it
// wanted.
absl::Status FlushStandardOutput();

// FlushStandardOutput at the end of a program whose work ended with `code`: that code, or 1 instead
// of 0 where output was lost. Says what was lost on standard error: "PROGRAM: standard output: …".
int ExitCodeAfterOutput(absl::string_view program, int code);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_STANDARD_STREAMS_H_
