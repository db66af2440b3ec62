#include "libs/jobs/engine/absence_note.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

using ::testing::HasSubstr;

class AbsenceNoteTest : public ::testing::Test {
 protected:
  void Saw(const std::string& worker, const std::string& precision) {
    registry_.Saw(worker, precision, {}, now_, WorkerCall::kAsks);
  }
  std::string Note(const std::string& precision = "cpu-f32") {
    const std::string note = AbsenceNote(registry_, precision, now_);
    EXPECT_TRUE(IsAbsenceNote(note)) << note;
    EXPECT_THAT(note, HasSubstr(absl::StrCat("computes in ", precision)));
    return note;
  }

  absl::Time now_ = absl::FromUnixSeconds(1000);
  WorkerRegistry registry_;
};

TEST_F(AbsenceNoteTest, WhereNoneHasCalledItSaysHowToStartOne) {
  EXPECT_THAT(Note(), HasSubstr("none has called yet; start one: niwaki-worker --coordinator "
                                "HOST:PORT, or niwaki up"));
  EXPECT_THAT(Note("cuda-bf16"), HasSubstr("--device cuda"));
}

TEST_F(AbsenceNoteTest, WhereNoneProvesTheQuantiserIsNamed) {
  const std::string note = ProverAbsenceNote("cpu-f32", 3);
  EXPECT_TRUE(IsAbsenceNote(note));
  EXPECT_THAT(note, HasSubstr("proves with quantiser 3 is there; start one: niwaki-worker"));
  EXPECT_NE(ProverKey("cpu-f32", 3), ProverKey("cpu-f32", 4));
  EXPECT_NE(ProverKey("cpu-f32", 3), "cpu-f32");
}

TEST_F(AbsenceNoteTest, OtherPrecisionsAreNamed) {
  Saw("a", "cpu-f32");
  Saw("b", "cpu-f32");

  EXPECT_THAT(Note("cuda-bf16"), HasSubstr("but a, b in cpu-f32; start one"));
  EXPECT_THAT(Note("cuda-bf16"), HasSubstr("evaluation: {precision: cpu-f32}"));
  now_ += WorkerRegistry::kPatience;
  EXPECT_THAT(Note("cuda-bf16"), HasSubstr("none has called yet"));
}

TEST_F(AbsenceNoteTest, DrainedOnesComeWithTheCommandThatTakesItBack) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    Saw(name, "cpu-f32");
    registry_.SetDrain(name, true, now_);
  }

  EXPECT_THAT(Note(), HasSubstr("a, b, c and 2 more are drained; take it back: niwaki workers "
                                "drain a --undo"));
}

TEST_F(AbsenceNoteTest, LastOneThatWasThereIsNamed) {
  Saw("a", "cpu-f32");
  now_ += absl::Hours(1);
  Saw("b", "cpu-f32");
  now_ += absl::Hours(1);
  EXPECT_THAT(Note(), HasSubstr("'b' has not called for a minute; start one"));
  registry_.Left("a", "", now_);
  EXPECT_THAT(Note(), HasSubstr("'a' has ended; start one"));
  registry_.Left("a", "no room on the disk", now_);
  EXPECT_THAT(Note(), HasSubstr("'a' ended: no room on the disk"));
}

TEST_F(AbsenceNoteTest, OtherReasonsAreNoSuchNote) {
  EXPECT_FALSE(IsAbsenceNote(""));
  EXPECT_FALSE(IsAbsenceNote("no new candidates for now: the oracle does not answer"));
  // Of an earlier version.
  EXPECT_TRUE(IsAbsenceNote("no worker that computes in cpu-f32 has asked for candidates for 1m"));
}

}  // namespace
}  // namespace niwaki::jobs
