#include "tests/bench/eager_peer.h"

#include <errno.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/arch/describe.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

extern char** environ;

namespace niwaki::bench {
namespace {

// As Debian's package installs it; another python may come first on PATH.
constexpr char kPython[] = "/usr/bin/python3";
constexpr char kScript[] = "tests/bench/eager.py";

absl::Status PeerMissing() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field("python3-torch")
      .Message("no peer here: eager PyTorch wants the Debian package python3-torch");
}

Json OpJson(const arch::Graph& graph, const arch::Op& op) {
  return {{"kind", arch::OpKindName(op.kind)},
          {"activation", arch::OpActivationName(op.activation)},
          {"input", op.input},
          {"second_input", op.second_input},
          {"output", op.output},
          {"kernel_size", op.kernel_size},
          {"stride", op.stride},
          {"batch_norm", op.batch_norm},
          {"bias", op.bias},
          {"in_channels", graph.shape(op.input).channels},
          {"out_channels", graph.shape(op.output).channels},
          {"weight", op.weight < 0 ? "" : arch::WeightName(graph.weights[op.weight])}};
}

}  // namespace

Json GraphJson(const arch::Graph& graph) {
  const arch::TensorShape& input = graph.shape(graph.input);
  Json ops = Json::array();
  for (const arch::Op& op : graph.ops) ops.push_back(OpJson(graph, op));
  return {{"input", graph.input},
          {"output", graph.output},
          {"input_shape", {input.channels, input.height, input.width}},
          {"ops", std::move(ops)}};
}

absl::StatusOr<std::unique_ptr<EagerPeer>> EagerPeer::Start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoToStatus(errno, "socketpair");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string program = kPython, script = kScript;
  char* argv[] = {program.data(), script.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, kPython, &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return PeerMissing();
  }
  std::unique_ptr<EagerPeer> peer(new EagerPeer(pid, ends[0]));
  const auto hello = peer->Ask({{"do", "hello"}});
  if (!hello.ok()) return PeerMissing();
  peer->torch_version_ = hello->at("torch");
  return peer;
}

EagerPeer::~EagerPeer() {
  close(socket_);
  waitpid(pid_, nullptr, 0);
}

absl::Status EagerPeer::Load(const arch::SearchSpace& space,
                             const std::vector<arch::Graph>& graphs) {
  Json list = Json::array();
  for (const arch::Graph& graph : graphs) list.push_back(GraphJson(graph));
  return Ask({{"do", "network"},
              {"graphs", std::move(list)},
              {"eps", space.batch_norm_eps()},
              {"matrices", space.kernel_transform() == arch::KernelTransform::kMatrix}})
      .status();
}

absl::StatusOr<double> EagerPeer::CpuSeconds(const Json& request) {
  NIWAKI_ASSIGN_OR_RETURN(const Json answer, Ask(request));
  return answer.at("cpu_seconds").get<double>();
}

absl::StatusOr<Json> EagerPeer::Ask(const Json& request) {
  const std::string line = request.dump() + "\n";
  size_t sent = 0;
  while (sent < line.size()) {
    const ssize_t wrote = send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return ErrnoToStatus(errno, "eager.py");
    sent += wrote;
  }
  std::string answer;
  char byte = 0;
  while (byte != '\n') {
    const ssize_t got = recv(socket_, &byte, 1, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoToStatus(errno, "eager.py");
    if (got == 0) {
      return Error(absl::StatusCode::kInternal, reason::kSystemError)
          .Field("eager.py")
          .Message("eager.py ended before it answered");
    }
    answer.push_back(byte);
  }
  return ParseJson(answer, "eager.py");
}

}  // namespace niwaki::bench
