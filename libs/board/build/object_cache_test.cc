#include "libs/board/build/object_cache.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

class ObjectCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = absl::StrCat(::testing::TempDir(), "/objects_", info->name());
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(folder_, "/", name);
    NIWAKI_EXPECT_OK(WriteFileAtomically(path, text));
    return path;
  }

  std::string folder_;
};

TEST_F(ObjectCacheTest, WhatIsKeptIsTakenAlsoByTheNextProcess) {
  const std::string object = Write("a.o", "an object");
  const std::string taken = folder_ + "/taken.o";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache"));
    EXPECT_FALSE(cache->Take("12ab", taken));
    NIWAKI_ASSERT_OK(cache->Keep("12ab", object));
    EXPECT_TRUE(cache->Take("12ab", taken));
    EXPECT_FALSE(cache->Take("12ac", taken));
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache"));
  EXPECT_TRUE(cache->Take("12ab", taken));
  EXPECT_THAT(ReadFile(taken), IsOkAndHolds("an object"));
}

TEST_F(ObjectCacheTest, ObjectOfBeforeAtThePathIsReplaced) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache"));
  NIWAKI_ASSERT_OK(cache->Keep("1", Write("a.o", "one")));
  const std::string path = Write("b.o", "another");
  EXPECT_TRUE(cache->Take("1", path));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("one"));
  // And what becomes of it there is nobody else's.
  Write("b.o", "changed");
  EXPECT_TRUE(cache->Take("1", path));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("one"));
}

TEST_F(ObjectCacheTest, WhatWasNotUsedForLongestGoes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cache, ObjectCache::Open(folder_ + "/cache", 1000));
  const std::string object = Write("a.o", std::string(300, 'x'));
  const std::string taken = folder_ + "/taken.o";
  NIWAKI_ASSERT_OK(cache->Keep("1", object));
  NIWAKI_ASSERT_OK(cache->Keep("2", object));
  NIWAKI_ASSERT_OK(cache->Keep("3", object));
  EXPECT_TRUE(cache->Take("1", taken));
  NIWAKI_ASSERT_OK(cache->Keep("4", object));
  // Of 1200 bytes at most 750 stay.
  EXPECT_FALSE(cache->Take("2", taken));
  EXPECT_FALSE(cache->Take("3", taken));
  EXPECT_TRUE(cache->Take("1", taken));
  EXPECT_TRUE(cache->Take("4", taken));
}

TEST_F(ObjectCacheTest, FolderThatCannotBeIsAnError) {
  Write("file", "");
  EXPECT_FALSE(ObjectCache::Open(folder_ + "/file/cache").ok());
}

}  // namespace
}  // namespace niwaki::board
