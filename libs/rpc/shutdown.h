// The end of a program on request: SIGTERM, SIGINT from a terminal, or SIGHUP of one that closes.
//
//   int main() {
//     rpc::BlockShutdownSignals();  // before any thread starts
//     …
//     rpc::WaitForShutdownSignal();
//     server->Shutdown(grace);
//   }

#ifndef NIWAKI_LIBS_RPC_SHUTDOWN_H_
#define NIWAKI_LIBS_RPC_SHUTDOWN_H_

namespace niwaki::rpc {

// Holds SIGTERM, SIGINT and SIGHUP back for WaitForShutdownSignal, except those that the process
// ignores (StopSignals in libs/base/process), and ignores SIGPIPE and SIGXFSZ: a broken connection
// and a file size limit are errors of the write. Call first in main: threads inherit it. So do
// child processes, where the same two calls work as well.
void BlockShutdownSignals();

// Sleeps until one of them comes and returns which. From then on another SIGTERM or SIGINT ends the
// process at once, for the impatient; SIGHUP, of which a closing terminal sends several, does not.
int WaitForShutdownSignal();

// Wakes WaitForShutdownSignal from within, as SIGTERM does: for a program that has nothing left to
// do. Without effect once the wait is over. Thread-safe. Uses SIGUSR2.
void RequestShutdown();

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_SHUTDOWN_H_
