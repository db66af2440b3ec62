#include "libs/tensorfile/pickle/pickle_value.h"

#include "gtest/gtest.h"

namespace niwaki::tensorfile {
namespace {

PickleValue String(const std::string& text) {
  PickleValue value;
  value.kind = PickleKind::kString;
  value.text = text;
  return value;
}

TEST(PickleValueTest, FindsWhatStandsUnderAStringKey) {
  const PickleValue one = String("one");
  const PickleValue found = String("found");
  PickleValue number;
  number.kind = PickleKind::kInt;
  number.text = "two";
  PickleValue dict;
  dict.kind = PickleKind::kDict;
  dict.entries = {{&number, &one}, {&one, &found}};

  EXPECT_EQ(dict.Find("one"), &found);
  EXPECT_EQ(dict.Find("two"), nullptr);
  EXPECT_EQ(found.Find("one"), nullptr);
}

TEST(PickleValueTest, KindsAreNamedAsPythonNamesThem) {
  EXPECT_EQ(PickleKindName(PickleKind::kNone), "None");
  EXPECT_EQ(PickleKindName(PickleKind::kString), "str");
  EXPECT_EQ(PickleKindName(PickleKind::kTensor), "tensor");
  EXPECT_EQ(PickleKindName(PickleKind::kStorage), "storage");
}

}  // namespace
}  // namespace niwaki::tensorfile
