#include "libs/board/port/socket_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

const absl::Duration kLong = absl::Seconds(30);

Deadline Soon() { return Deadline::After(kLong); }

TEST(SocketPortTest, BoardConnectsToTheListener) {
  const auto folder = *TemporaryFolder::Create();
  auto listener = *UnixListener::Create(folder->path() + "/board");
  const auto board = ConnectUnixPort(listener->path(), Soon());
  NIWAKI_ASSERT_OK(board);
  const auto host = listener->Accept(Soon());
  NIWAKI_ASSERT_OK(host);
  NIWAKI_ASSERT_OK((*board)->Write("started", Soon()));
  EXPECT_THAT((*host)->Read(Soon()), IsOkAndHolds(std::string("started")));
  const std::string path = listener->path();
  listener.reset();
  EXPECT_FALSE(FileExists(path));
}

TEST(SocketPortTest, BoardThatDoesNotComeIsWaitedForUntilTheDeadline) {
  const auto folder = *TemporaryFolder::Create();
  const auto listener = *UnixListener::Create(folder->path() + "/board");
  EXPECT_THAT(listener->Accept(Deadline::After(absl::Milliseconds(10))),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "waiting for a board"));
}

TEST(SocketPortTest, WrongPathsAreRefused) {
  const auto folder = *TemporaryFolder::Create();
  const std::string path = folder->path() + "/board";
  EXPECT_THAT(ConnectUnixPort(path, Soon()),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(UnixListener::Create(std::string(200, 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument, "200 bytes, wanted 1 to 107"));
  const auto listener = *UnixListener::Create(path);
  EXPECT_THAT(UnixListener::Create(path), StatusIs(absl::StatusCode::kAlreadyExists, path));
}

TEST(SocketPortTest, TcpConnectsAndSaysWhereNobodyAnswers) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(server, 1), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(server, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string name = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  const auto port = ConnectTcpPort(name, Soon());
  NIWAKI_ASSERT_OK(port);
  EXPECT_EQ((*port)->name(), "TCP " + name);
  close(server);
  EXPECT_THAT(ConnectTcpPort(name, Soon()),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
  EXPECT_THAT(ConnectTcpPort("localhost", Soon()),
              StatusIs(absl::StatusCode::kInvalidArgument, "'localhost' is not HOST:PORT"));
}

}  // namespace
}  // namespace niwaki::board
