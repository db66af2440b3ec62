#include "libs/board/port/fd_port.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

const absl::Duration kLong = absl::Seconds(30);

struct Pair {
  std::unique_ptr<FdPort> a;
  std::unique_ptr<FdPort> b;
};

Pair Connected() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  Pair pair;
  pair.a = *FdPort::Create(OwnedFd(ends[0]), "here");
  pair.b = *FdPort::Create(OwnedFd(ends[1]), "there");
  return pair;
}

TEST(FdPortTest, BytesGoBothWays) {
  const Pair pair = Connected();
  NIWAKI_ASSERT_OK(pair.a->Write("ping", Deadline::After(kLong)));
  EXPECT_THAT(pair.b->Read(Deadline::After(kLong)), IsOkAndHolds(std::string("ping")));
  NIWAKI_ASSERT_OK(pair.b->Write(std::string(3, '\0'), Deadline::After(kLong)));
  EXPECT_THAT(pair.a->Read(Deadline::After(kLong)), IsOkAndHolds(std::string(3, '\0')));
}

TEST(FdPortTest, ReaderThatGetsNothingEndsAtTheDeadline) {
  const Pair pair = Connected();
  EXPECT_THAT(pair.a->Read(Deadline::After(absl::Milliseconds(10))),
              HasReason(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded));
  EXPECT_THAT(pair.a->Read(Deadline::After(absl::ZeroDuration())),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "reading from here"));
}

TEST(FdPortTest, WriterThatIsNotReadEndsAtTheDeadline) {
  const Pair pair = Connected();
  EXPECT_THAT(pair.a->Write(std::string(8 << 20, 'x'), Deadline::After(absl::Milliseconds(50))),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "writing to here"));
}

TEST(FdPortTest, PeerThatLeavesHasVanished) {
  Pair pair = Connected();
  NIWAKI_ASSERT_OK(pair.b->Write("last words", Deadline::After(kLong)));
  pair.b.reset();
  EXPECT_THAT(pair.a->Read(Deadline::After(kLong)), IsOkAndHolds(std::string("last words")));
  EXPECT_THAT(pair.a->Read(Deadline::After(kLong)),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
  EXPECT_THAT(pair.a->Write("hello", Deadline::After(kLong)),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
}

TEST(FdPortTest, CancelEndsTheReaderThatWaits) {
  const Pair pair = Connected();
  std::thread reader([&pair] {
    EXPECT_THAT(pair.a->Read(Deadline::After(kLong)),
                HasReason(absl::StatusCode::kCancelled, reason::kCancelled));
  });
  pair.a->Cancel();
  reader.join();
  NIWAKI_ASSERT_OK(pair.b->Write("late", Deadline::After(kLong)));
  EXPECT_THAT(pair.a->Read(Deadline::After(kLong)),
              StatusIs(absl::StatusCode::kCancelled, "reading from here"));
  EXPECT_THAT(pair.a->Write("x", Deadline::After(kLong)),
              StatusIs(absl::StatusCode::kCancelled, "writing to here"));
}

TEST(FdPortTest, ErrorOfTheSystemNamesThePort) {
  const auto port = FdPort::Create(OwnedFd(open("/dev/null", O_RDONLY | O_CLOEXEC)), "nothing");
  NIWAKI_ASSERT_OK(port);
  EXPECT_EQ((*port)->name(), "nothing");
  EXPECT_THAT((*port)->Write("x", Deadline::After(kLong)),
              StatusIs(absl::StatusCode::kUnavailable, "nothing is gone"));
}

}  // namespace
}  // namespace niwaki::board
