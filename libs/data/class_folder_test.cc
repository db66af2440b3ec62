#include "libs/data/class_folder.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/source_report.h"

namespace niwaki::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ClassFolderTest : public ::testing::Test {
 protected:
  ClassFolderTest() {
    options_.root = root_;
    options_.extensions = {".wav"};
    options_.noise_folder = "_background_noise_";
  }

  void Make(const std::string& name, const std::string& content = "x") {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, content));
  }

  // Also checks that every file is accounted for.
  ClassFolder List() {
    auto folder = ListClassFolder(options_);
    EXPECT_THAT(folder, IsOk());
    if (!folder.ok()) return {};
    EXPECT_EQ(folder->report.files, folder->report.PassedOver() + folder->files.size() +
                                        folder->noise.size() + folder->unreadable.size());
    return *std::move(folder);
  }

  // "label/name" with "=split" where it is dealt to one.
  static std::vector<std::string> Shown(const ClassFolder& folder) {
    std::vector<std::string> shown;
    for (const ClassFile& file : folder.files) {
      shown.push_back(absl::StrCat(
          file.label, ":", file.name,
          file.dealing.split.has_value() ? absl::StrCat("=", SplitName(*file.dealing.split)) : ""));
    }
    return shown;
  }

  const std::string root_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  ClassFolderOptions options_;
};

TEST_F(ClassFolderTest, ClassesAndFilesComeSorted) {
  for (const char* name : {"dog/b.wav", "cat/2.WAV", "cat/1.wav", "dog/a.wav"}) Make(name);

  const ClassFolder folder = List();

  EXPECT_THAT(folder.class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(Shown(folder),
              ElementsAre("0:cat/1.wav", "0:cat/2.WAV", "1:dog/a.wav", "1:dog/b.wav"));
  EXPECT_EQ(folder.files[0].path, root_ + "/cat/1.wav");
}

TEST_F(ClassFolderTest, UnderscoresAndDepthMeanNothing) {
  for (const char* name : {"_unknown_/_DSC0002.wav", "_silence_/1.wav", "cat/2023/may/2.wav"}) {
    Make(name);
  }

  const ClassFolder folder = List();

  EXPECT_THAT(folder.class_names, ElementsAre("_silence_", "_unknown_", "cat"));
  EXPECT_THAT(Shown(folder),
              ElementsAre("0:_silence_/1.wav", "1:_unknown_/_DSC0002.wav", "2:cat/2023/may/2.wav"));
}

TEST_F(ClassFolderTest, EveryFilePassedOverHasAReason) {
  for (const char* name :
       {"cat/1.wav", "cat/.2.wav", "cat/notes.txt", "cat/more/a.TXT", "README.wav", ".git/5.wav",
        "cat/LICENSE", "cat/x.12345", "cat/y.some-thing", "cat/.DS_Store"}) {
    Make(name);
  }
  ASSERT_EQ(mkfifo((root_ + "/cat/pipe.wav").c_str(), 0600), 0);
  std::filesystem::create_directory_symlink("cat", root_ + "/dog");

  const ClassFolder folder = List();

  EXPECT_THAT(Shown(folder), ElementsAre("0:cat/1.wav"));
  EXPECT_THAT(
      folder.report.passed_over,
      UnorderedElementsAre(Pair("hidden (a name begins with a dot)", 3), Pair("ending .txt", 2),
                           Pair("no ending", 1), Pair("other ending", 2),
                           Pair("outside the folders of classes", 1),
                           Pair("no regular file (a pipe, a socket or a device)", 1),
                           Pair("link to a folder that is read elsewhere", 1)));
}

TEST_F(ClassFolderTest, ReasonsAreBounded) {
  Make("cat/1.wav");
  for (int i = 0; i < 60; ++i) Make(absl::StrCat("cat/1.x", i));

  const ClassFolder folder = List();

  EXPECT_EQ(folder.report.passed_over.size(), 31);
  EXPECT_EQ(folder.report.passed_over.at("other ending"), 30);
}

TEST_F(ClassFolderTest, NamesWithoutEndingAreToldByTheirBytes) {
  options_.looks_right = [](absl::string_view bytes) { return absl::StartsWith(bytes, "RIFF"); };
  Make("cat/1", "RIFFabcd");
  Make("cat/2", "text");
  Make("cat/3.dat", "RIFFabcd");

  EXPECT_THAT(Shown(List()), ElementsAre("0:cat/1"));
}

TEST_F(ClassFolderTest, NoiseIsNoClass) {
  for (const char* name :
       {"yes/1.wav", "_background_noise_/hum.wav", "_background_noise_/README.md"}) {
    Make(name);
  }

  const ClassFolder folder = List();
  options_.use_noise = false;
  const ClassFolder without = List();

  EXPECT_THAT(folder.class_names, ElementsAre("yes"));
  ASSERT_EQ(folder.noise.size(), 1);
  EXPECT_EQ(folder.noise[0].name, "_background_noise_/hum.wav");
  EXPECT_THAT(without.noise, IsEmpty());
  EXPECT_THAT(without.report.passed_over, Contains(Pair("background noise that is not used", 2)));
}

TEST_F(ClassFolderTest, ListsOfSpeechCommandsAreSplits) {
  for (const char* name : {"no/a.wav", "no/b.wav", "yes/a.wav", "yes/b.wav", "yes/c.wav",
                           "_background_noise_/hum.wav"}) {
    Make(name);
  }
  Make("testing_list.txt", "no/a.wav\nyes/b.wav\nbed/other.wav\n");
  Make("validation_list.txt", "yes/a.wav\r\n");

  const ClassFolder folder = List();

  EXPECT_THAT(Shown(folder), ElementsAre("0:no/a.wav=test", "0:no/b.wav", "1:yes/a.wav=validation",
                                         "1:yes/b.wav=test", "1:yes/c.wav"));
  EXPECT_TRUE(folder.noise[0].dealing.over_all);
  EXPECT_THAT(folder.report.passed_over, ElementsAre(Pair("list of a split", 2)));
  EXPECT_THAT(folder.report.notes, Contains("testing_list.txt names 1 files that are not there"));
}

TEST_F(ClassFolderTest, ListThatFitsNothingIsAnError) {
  Make("cat/1.wav");
  Make("testing_list.txt", "data/cat/1.wav\n");

  EXPECT_THAT(ListClassFolder(options_),
              StatusIs(absl::StatusCode::kInvalidArgument, "--splits shares deals without it"));
  options_.use_splits = false;
  EXPECT_THAT(Shown(List()), ElementsAre("0:cat/1.wav"));
}

TEST_F(ClassFolderTest, FoldersOfImageNetAreSplits) {
  for (const char* name : {"train/n01/a.wav", "train/n02/b.wav", "Val/n01/c.wav", "test/d.wav",
                           "train/stray.wav", "meta/e.wav"}) {
    Make(name);
  }

  const ClassFolder folder = List();
  options_.use_splits = false;
  const ClassFolder plain = List();

  EXPECT_THAT(folder.class_names, ElementsAre("n01", "n02"));
  EXPECT_THAT(Shown(folder),
              ElementsAre("0:Val/n01/c.wav=validation", "0:train/n01/a.wav", "1:train/n02/b.wav"));
  EXPECT_THAT(folder.report.passed_over, ElementsAre(Pair("outside the folders of classes", 3)));
  EXPECT_THAT(folder.report.notes, Contains(HasSubstr("Val, test, train are splits")));
  EXPECT_THAT(plain.class_names, ElementsAre("Val", "meta", "test", "train"));
}

TEST_F(ClassFolderTest, ClassesNamedLikeSplitsAreClasses) {
  for (const char* name : {"train/ice/a.wav", "test/b.wav", "car/c.wav"}) Make(name);

  EXPECT_THAT(List().class_names, ElementsAre("car", "test", "train"));
}

TEST_F(ClassFolderTest, ClassWithoutAFileThatIsReadIsTold) {
  Make("cat/1.wav");
  Make("dog/notes.txt");
  NIWAKI_ASSERT_OK(MakeFolders(root_ + "/eel"));
  Make("__MACOSX/._1.wav");

  const ClassFolder folder = List();

  EXPECT_THAT(folder.class_names, ElementsAre("cat"));
  ASSERT_EQ(folder.barren.size(), 2);
  EXPECT_EQ(folder.barren[0], (ErrorItem{"dog", "holds no file: 1 file, none of which is read"}));
  EXPECT_EQ(folder.barren[1], (ErrorItem{"eel", "an empty folder, without a file"}));
  EXPECT_THAT(folder.report.notes, ElementsAre("1 folder is empty: eel"));
}

TEST_F(ClassFolderTest, LooksOfAMistakeAreNoted) {
  for (const char* name : {"Cat/1.wav", "cat/1.wav", "cat /1.wav", "new\nline/1.wav"}) Make(name);

  EXPECT_THAT(List().report.notes, ElementsAre("classes whose names differ by case or blanks "
                                               "alone: Cat, cat, \"cat \""));
}

TEST_F(ClassFolderTest, AFolderTooManyIsNoted) {
  for (const char* name : {"photos/cat/1.wav", "photos/dog/2.wav"}) Make(name);

  const ClassFolder folder = List();

  EXPECT_THAT(folder.class_names, ElementsAre("photos"));
  EXPECT_THAT(folder.report.notes, ElementsAre(HasSubstr("one class, photos, whose folder holds "
                                                         "others: cat, dog")));
}

TEST_F(ClassFolderTest, NameThatIsNoUtf8IsAnError) {
  Make("caf\xE9/1.wav");

  EXPECT_THAT(ListClassFolder(options_), StatusIs(absl::StatusCode::kInvalidArgument, "UTF-8"));
}

TEST_F(ClassFolderTest, FolderWithoutClassesIsNotFound) {
  Make("1.wav");
  EXPECT_THAT(ListClassFolder(options_),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));

  Make("dog/notes.txt");
  EXPECT_THAT(ListClassFolder(options_),
              StatusIs(absl::StatusCode::kNotFound, "dog holds no file (a file ending in .wav)"));

  options_.root = root_ + "/missing";
  EXPECT_THAT(ListClassFolder(options_), StatusIs(absl::StatusCode::kNotFound, "missing"));
}

}  // namespace
}  // namespace niwaki::data
