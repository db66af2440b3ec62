#include "libs/board/build/object_compiler.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/object_cache.h"

namespace niwaki::board {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ObjectCompilerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = absl::StrCat(::testing::TempDir(), "/compiler_", info->name());
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
  }

  // Sources named as given, with these texts, compiled into a folder of their own.
  Compilation Of(const std::vector<std::string>& texts, const std::string& name = "one") {
    Compilation compilation;
    compilation.argv = {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O2"};
    compilation.folder = absl::StrCat(folder_, "/", name);
    NIWAKI_EXPECT_OK(MakeFolders(compilation.folder));
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::string path = absl::StrCat(compilation.folder, "/", i, ".c");
      NIWAKI_EXPECT_OK(WriteFileAtomically(path, texts[i]));
      compilation.sources.push_back(path);
    }
    return compilation;
  }

  std::string folder_;
};

TEST_F(ObjectCompilerTest, ObjectsComeInTheOrderOfTheSources) {
  std::vector<std::string> texts;
  for (int i = 0; i < 9; ++i) texts.push_back(absl::StrCat("int value", i, " = ", i, ";\n"));
  const auto objects = CompileObjects(Of(texts));
  NIWAKI_ASSERT_OK(objects);
  ASSERT_THAT(*objects, SizeIs(9));
  for (int i = 0; i < 9; ++i) {
    EXPECT_THAT(*ReadFile((*objects)[i]), HasSubstr(absl::StrCat("value", i)));
  }
}

TEST_F(ObjectCompilerTest, FirstSourceThatDoesNotCompileIsNamed) {
  const auto objects = CompileObjects(Of({"int a;\n", "int b = ;\n"}));
  ASSERT_FALSE(objects.ok());
  EXPECT_THAT(std::string(objects.status().message()), HasSubstr("1.c"));
  EXPECT_THAT(std::string(objects.status().message()), HasSubstr("ended with code 1"));
}

TEST_F(ObjectCompilerTest, SameTextIsCompiledOnce) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache"));
  Compilation first = Of({"int a = 1;\n"});
  first.cache = cache.get();
  NIWAKI_ASSERT_OK(CompileObjects(first));
  // Elsewhere, and by other flags that make the same text.
  Compilation again = Of({"int a = ONE; // the same\n"}, "two");
  again.preprocessor_flags = {"-DONE=1"};
  again.cache = cache.get();
  const auto objects = CompileObjects(again);
  NIWAKI_ASSERT_OK(objects);
  EXPECT_EQ(*ReadFile((*objects)[0]), *ReadFile(folder_ + "/one/0.o"));
  // Another text is another object.
  Compilation other = Of({"int b = 2;\n"}, "three");
  other.cache = cache.get();
  NIWAKI_ASSERT_OK(CompileObjects(other));
  EXPECT_NE(*ReadFile(folder_ + "/three/0.o"), *ReadFile(folder_ + "/one/0.o"));
}

TEST_F(ObjectCompilerTest, FlagsAndCompilerArePartOfTheKey) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache"));
  const std::string text = "int twice(int a) { return a * 2 + a / 3; }\n";
  Compilation fast = Of({text});
  fast.cache = cache.get();
  NIWAKI_ASSERT_OK(CompileObjects(fast));
  Compilation plain = Of({text}, "two");
  plain.cache = cache.get();
  plain.argv.back() = "-O0";
  NIWAKI_ASSERT_OK(CompileObjects(plain));
  EXPECT_NE(*ReadFile(folder_ + "/two/0.o"), *ReadFile(folder_ + "/one/0.o"));
  // A version that nothing was compiled by: what is in the cache is not taken. Its compiler fails.
  Compilation newer = Of({text}, "three");
  newer.cache = cache.get();
  newer.compiler_version = "15.0";
  newer.argv[0] = "arm-none-eabi-gcc-15.0";
  EXPECT_FALSE(CompileObjects(newer).ok());
}

}  // namespace
}  // namespace niwaki::board
