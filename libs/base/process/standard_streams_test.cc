#include "libs/base/process/standard_streams.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <string>

#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kWorkedWell = 0;
constexpr int kWorkFailed = 4;

struct Ended {
  int code;
  std::string errors;
};

// Runs `program` in a child whose standard output is `out` (closed for -1), as main does.
Ended RunWithOutput(int out, const std::function<int()>& program,
                    void (*prepare)() = PrepareStandardStreams) {
  int errors[2];
  EXPECT_EQ(pipe(errors), 0);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    dup2(errors[1], STDERR_FILENO);
    if (out < 0) {
      close(STDOUT_FILENO);
    } else {
      dup2(out, STDOUT_FILENO);
    }
    prepare();
    _exit(ExitCodeAfterOutput("prog", program()));
  }
  close(errors[1]);
  Ended ended;
  char byte;
  while (read(errors[0], &byte, 1) == 1) ended.errors += byte;
  close(errors[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return ended;
}

int PrintLittle() {
  std::cout << "by a stream, ";
  printf("and by stdio\n");
  return kWorkedWell;
}

// More than any buffer holds: the first failure comes long before the end.
int PrintMuch() {
  for (int i = 0; i < 100000; ++i) std::cout << "line " << i << "\n";
  return kWorkedWell;
}

TEST(StandardStreamsTest, WhatArrivesIsNoError) {
  const std::string path = ::testing::TempDir() + "/" + NewUuid();
  const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);

  const Ended ended = RunWithOutput(file, PrintLittle);

  EXPECT_EQ(ended.code, kWorkedWell);
  EXPECT_THAT(ended.errors, IsEmpty());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("by a stream, and by stdio\n"));
  close(file);
}

TEST(StandardStreamsTest, FullDeviceIsAnErrorThatIsSaid) {
  const int full = open("/dev/full", O_WRONLY);
  for (int (*print)() : {PrintLittle, PrintMuch}) {
    const Ended ended = RunWithOutput(full, print);

    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.errors, "prog: standard output: No space left on device\n");
  }
  close(full);
}

TEST(StandardStreamsTest, FailedWorkKeepsItsCode) {
  const int full = open("/dev/full", O_WRONLY);

  const Ended ended = RunWithOutput(full, [] {
    PrintLittle();
    return kWorkFailed;
  });

  EXPECT_EQ(ended.code, kWorkFailed);
  EXPECT_THAT(ended.errors, HasSubstr("standard output"));
  close(full);
}

TEST(StandardStreamsTest, NothingPrintedIsNothingLost) {
  const int full = open("/dev/full", O_WRONLY);

  EXPECT_EQ(RunWithOutput(full, [] { return kWorkedWell; }).code, kWorkedWell);

  close(full);
}

TEST(StandardStreamsTest, ReaderThatLeavesIsNoError) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  for (int (*print)() : {PrintLittle, PrintMuch}) {
    const Ended ended = RunWithOutput(ends[1], print);

    EXPECT_EQ(ended.code, kWorkedWell);
    EXPECT_THAT(ended.errors, IsEmpty());
  }
  close(ends[1]);
}

TEST(StandardStreamsTest, ClosedOutputIsAnErrorOfWhatIsPrinted) {
  const Ended printed = RunWithOutput(-1, PrintLittle);
  EXPECT_EQ(printed.code, 1);
  EXPECT_EQ(printed.errors, "prog: standard output: Bad file descriptor\n");

  EXPECT_EQ(RunWithOutput(-1, [] { return kWorkedWell; }).code, kWorkedWell);
}

TEST(StandardStreamsTest, ServerNeedsNoOutput) {
  const Ended ended = RunWithOutput(-1, PrintLittle, PrepareServerStreams);

  EXPECT_EQ(ended.code, kWorkedWell);
  EXPECT_THAT(ended.errors, IsEmpty());
}

TEST(StandardStreamsTest, FileThatIsOpenedNextDoesNotBecomeStandardOutput) {
  const Ended ended = RunWithOutput(-1, [] {
    const int fd = open("/dev/null", O_WRONLY);
    return fd > STDERR_FILENO ? kWorkedWell : kWorkFailed;
  });

  EXPECT_EQ(ended.code, kWorkedWell);
}

TEST(StandardStreamsTest, LimitOnFileSizesIsAnErrorAndNotTheEnd) {
  const std::string path = ::testing::TempDir() + "/" + NewUuid();
  const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);

  const Ended ended = RunWithOutput(file, [] {
    const rlimit limit = {1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    return PrintMuch();
  });

  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.errors, HasSubstr("prog: standard output: "));
  close(file);
}

}  // namespace
}  // namespace niwaki
