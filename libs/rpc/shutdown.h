// The end of a program on request: SIGTERM, or SIGINT from a terminal.
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

// Holds SIGTERM and SIGINT back for WaitForShutdownSignal and ignores SIGPIPE and SIGXFSZ: a broken
// connection and a file size limit are errors of the write. Call first in main: threads inherit it.
// So do child processes, where the same two calls work as well.
void BlockShutdownSignals();

// Sleeps until SIGTERM or SIGINT comes and returns which. From then on another one ends the process
// at once, for the impatient.
int WaitForShutdownSignal();

// Wakes WaitForShutdownSignal from within, as SIGTERM does: for a program that has nothing left to
// do. Without effect once the wait is over. Thread-safe. Uses SIGUSR2.
void RequestShutdown();

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_SHUTDOWN_H_
