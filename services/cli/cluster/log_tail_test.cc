#include "services/cli/cluster/log_tail.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

std::string WriteLog(const std::string& text) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/child.log");
  EXPECT_THAT(WriteFileAtomically(path, text), IsOk());
  return path;
}

TEST(LogTailTest, LastLineIsOfTheLastRunAndSaysSomething) {
  const std::string earlier = "niwaki: an old trouble\n";
  const std::string path =
      WriteLog(earlier + "starting\nniwaki: the port is taken\n  field: oracle\n\n");

  EXPECT_EQ(LogSize(path), 75);
  EXPECT_EQ(LastLine(path, earlier.size()), "field: oracle");
  EXPECT_EQ(LastLine(path, earlier.size(), "niwaki: "), "the port is taken");
  EXPECT_EQ(LastLine(path, 75), "");
  EXPECT_EQ(LastLine(path, 1000), "");
}

TEST(LogTailTest, MissingLogHasNoLine) {
  EXPECT_EQ(LogSize("/nowhere/child.log"), 0);
  EXPECT_EQ(LastLine("/nowhere/child.log", 0), "");
}

TEST(LogTailTest, TakenPortComesWithTheOptionForAnother) {
  EXPECT_THAT(StartError("oracle", "address 127.0.0.1:5 is in use by another program"),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse));
  EXPECT_THAT(StartError("oracle", "address 127.0.0.1:5 is in use by another program"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "another one with --oracle-listen"));
  EXPECT_THAT(StartError("oracle", "the database is damaged"),
              StatusIs(absl::StatusCode::kInternal, "the database is damaged"));
}

}  // namespace
}  // namespace niwaki::cli
