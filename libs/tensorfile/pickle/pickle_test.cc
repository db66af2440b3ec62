#include "libs/tensorfile/pickle/pickle.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;

// Bytes of a literal, zeros included, between the protocol and the end.
template <size_t N>
std::string Program(const char (&opcodes)[N]) {
  return "\x80\x02" + std::string(opcodes, N - 1) + ".";
}

std::string Global(const std::string& module, const std::string& name) {
  return absl::StrCat("c", module, "\n", name, "\n");
}

std::string Text(const std::string& text) {
  std::string opcodes = "X";
  for (int i = 0; i < 4; ++i) opcodes += static_cast<char>(text.size() >> (8 * i));
  return opcodes + text;
}

// A float tensor of ten elements with these opcodes for offset, size and strides.
std::string TensorProgram(const std::string& place, const std::string& elements = "K\x0A") {
  return absl::StrCat("\x80\x02", Global("torch._utils", "_rebuild_tensor_v2"), "((",
                      Text("storage"), Global("torch", "FloatStorage"), Text("0"), Text("cpu"),
                      elements, "tQ", place, "\x89", Global("collections", "OrderedDict"), ")RtR.");
}

TEST(PickleTest, ReadsIntegersOfEveryWidth) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Pickle pickle,
      Pickle::Parse(Program("(K\xFFM\xFF\xFFJ\xFE\xFF\xFF\xFF\x8A\x00\x8A\x01\x80\x8A\x08"
                            "\x01\x00\x00\x00\x00\x00\x00\x80t"),
                    "p"));

  std::vector<int64_t> integers;
  for (const PickleValue* item : pickle.root().items) integers.push_back(item->integer);
  EXPECT_THAT(integers, ElementsAre(255, 65535, -2, 0, -128, INT64_MIN + 1));
}

TEST(PickleTest, RemembersAndShares) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle, Pickle::Parse(Program("]q\1K\5ah\1\x86"), "p"));

  ASSERT_EQ(pickle.root().items.size(), 2u);
  EXPECT_EQ(pickle.root().items[0], pickle.root().items[1]);
  EXPECT_EQ(pickle.root().items[0]->items[0]->integer, 5);
}

TEST(PickleTest, ReadsATensor) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle,
                              Pickle::Parse(TensorProgram("K\1K\3K\3\x86K\3K\1\x86"), "p"));

  const PickledTensor& tensor = pickle.root().tensor;
  EXPECT_EQ(pickle.root().kind, PickleKind::kTensor);
  EXPECT_EQ(tensor.storage.key, "0");
  EXPECT_EQ(tensor.offset, 1);
  EXPECT_THAT(tensor.shape, ElementsAre(3, 3));
  EXPECT_THAT(tensor.strides, ElementsAre(3, 1));
}

class ForeignGlobalTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

std::string ForeignCall(const char* module, const char* name) {
  return absl::StrCat("\x80\x02", Global(module, name), "(", Text("touch executed"), "tR.");
}

TEST_P(ForeignGlobalTest, StaysOpaque) {
  const auto [module, name] = GetParam();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle, Pickle::Parse(ForeignCall(module, name), "p"));

  EXPECT_EQ(pickle.root().kind, PickleKind::kOpaque);
  EXPECT_EQ(pickle.root().text, absl::StrCat(module, ".", name));
  EXPECT_THAT(pickle.foreign(), ElementsAre(absl::StrCat(module, ".", name)));
}

INSTANTIATE_TEST_SUITE_P(Names, ForeignGlobalTest,
                         ::testing::Values(std::make_pair("torch._utils", "_rebuild_qtensor"),
                                           std::make_pair("torch", "load"),
                                           std::make_pair("torch", "EvilStorage"),
                                           std::make_pair("argparse", "Namespace"),
                                           std::make_pair("ossuary.models", "Net"),
                                           std::make_pair("builtins", "set"),
                                           std::make_pair("collections", "OrderedDict.update")));

class RunnerTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RunnerTest, IsRefusedByName) {
  const auto [module, name] = GetParam();

  const auto pickle = Pickle::Parse(ForeignCall(module, name), "p");

  EXPECT_THAT(pickle, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(pickle, StatusIs(absl::StatusCode::kInvalidArgument,
                               absl::StrCat(module, ".", name, ", which is refused")));
}

INSTANTIATE_TEST_SUITE_P(
    Names, RunnerTest,
    ::testing::Values(std::make_pair("os", "system"), std::make_pair("nt", "system"),
                      std::make_pair("subprocess", "Popen"), std::make_pair("builtins", "eval"),
                      std::make_pair("__builtin__", "eval"), std::make_pair("torch.hub", "load")));

// What is asked of an opaque value is done to nothing.
TEST(PickleTest, OpaqueValuesTakeWhateverTheyAreGiven) {
  const std::string object = absl::StrCat(Global("a", "B"), ")\x81");

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Pickle pickle,
      Pickle::Parse(
          absl::StrCat("\x80\x02(", object, "K\1a", object, "(K\1K\2e", object, "K\1K\2s", object,
                       "(NK\2u", object, "K\1b", object, ")R", object, "q\1h\1ah\1t."),
          "p"));

  ASSERT_EQ(pickle.root().items.size(), 8u);
  for (const PickleValue* item : pickle.root().items) {
    EXPECT_EQ(item->kind, PickleKind::kOpaque);
    EXPECT_EQ(item->text, "a.B");
    EXPECT_TRUE(item->items.empty() && item->entries.empty());
  }
}

TEST(PickleTest, ClassesAndOddKeysAreValues) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Pickle pickle,
      Pickle::Parse(absl::StrCat("\x80\x02}(NK\1", Text("c"), Global("torch", "FloatStorage"),
                                 "K\1K\2\x86K\3G", std::string(8, '\0'), "K\4u."),
                    "p"));

  EXPECT_EQ(pickle.root().entries.size(), 4u);
  EXPECT_EQ(pickle.root().Find("c")->kind, PickleKind::kGlobal);
  EXPECT_TRUE(pickle.foreign().empty());
}

TEST(PickleTest, LargeIntegersAreOpaque) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle,
                              Pickle::Parse(Program("\x8A\x09\0\0\0\0\0\0\0\0\1"), "p"));

  EXPECT_EQ(pickle.root().kind, PickleKind::kOpaque);
  EXPECT_EQ(pickle.root().text, "int");
}

// A tensor of a dtype that is not known, and a parameter around one of a subclass.
TEST(PickleTest, TensorsOfUnknownStoragesAreOpaque) {
  const std::string unknown = absl::StrReplaceAll(TensorProgram("K\1K\3K\3\x86K\3K\1\x86"),
                                                  {{"FloatStorage", "ComplexFloatStorage"}});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle, Pickle::Parse(unknown, "p"));

  EXPECT_EQ(pickle.root().kind, PickleKind::kOpaque);
  EXPECT_EQ(pickle.root().text, "torch.ComplexFloatStorage");
}

TEST(PickleTest, TensorsOfSubclassesAreTensors) {
  const std::string arguments =
      absl::StrCat("((", Text("storage"), Global("torch", "FloatStorage"), Text("0"), Text("cpu"),
                   "K\x0AtQK\1K\3\x85K\1\x85\x89", Global("collections", "OrderedDict"), ")Rt");
  const std::string typed = absl::StrCat(
      "\x80\x02", Global("torch._tensor", "_rebuild_from_type_v2"), "(",
      Global("torch._utils", "_rebuild_tensor_v2"), Global("my", "Tensor"), arguments, "}tR.");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle, Pickle::Parse(typed, "p"));

  EXPECT_EQ(pickle.root().kind, PickleKind::kTensor);
  EXPECT_THAT(pickle.root().tensor.shape, ElementsAre(3));
  EXPECT_THAT(pickle.foreign(), ElementsAre("my.Tensor"));
}

struct BadCase {
  std::string program;
  const char* message;
};

class PickleBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(PickleBadTest, IsRefused) {
  EXPECT_THAT(Pickle::Parse(GetParam().program, "p"),
              StatusIs(absl::StatusCode::kDataLoss, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Machine, PickleBadTest,
    ::testing::Values(
        BadCase{"", "is no pickle"}, BadCase{"N.", "is no pickle"},
        BadCase{"\x80\x02N", "cut short"}, BadCase{"\x80\x02.", "disorder"},
        BadCase{"\x80\x02NN.", "disorder"}, BadCase{"\x80\x02(N.", "disorder"},
        BadCase{"\x80\x02N.N", "bytes follow"}, BadCase{Program("t"), "without a mark"},
        BadCase{Program("u"), "without a mark"}, BadCase{Program("K\1\x86"), "too few"},
        BadCase{Program("}(K\1u"), "1 items"}, BadCase{Program("}K\1a"), "to a dict"},
        BadCase{Program("]K\1K\1s"), "to a list"}, BadCase{Program("h\1"), "nothing"},
        BadCase{Program("q\1"), "nothing to remember"},
        BadCase{Program("](q\1"), "nothing to remember"}, BadCase{Program("K\1)R"), "no function"},
        BadCase{Program("R"), "without arg"}, BadCase{Program("]}b"), "as the state"},
        BadCase{Program("K\1Q"), "persistent"}, BadCase{Program("X\xFF\xFF\xFF\x7Fx"), "cut short"},
        BadCase{Program("X\1\0\0\0\xFF"), "UTF-8"}, BadCase{Program("X\2\0\0\0\xC0\x80"), "UTF-8"},
        BadCase{Program("X\3\0\0\0\xED\xA0\x80"), "UTF-8"}, BadCase{Program("0"), "take away"},
        BadCase{Program("(0"), "disorder"}, BadCase{Program("2"), "nothing to repeat"},
        BadCase{Program("1"), "nothing is marked"}, BadCase{Program("\x91"), "nothing is marked"},
        BadCase{Program("\x94"), "to remember"}, BadCase{Program("K\1K\2\x93"), "no short text"},
        BadCase{Program("\x8E\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx"), "cut short"},
        BadCase{Program("ctorch\nFloatStorage\n}b"), "as the state of a class"},
        BadCase{Program("]q\0h\0a"), "within itself"},
        BadCase{Program("}(K\1NK\1Nu"), "key 1 stands twice"},
        BadCase{Program("}(X\1\0\0\0aNX\1\0\0\0aNu"), "key 'a' stands twice"},
        BadCase{Program("}(]Nu"), "a list as the key"}));

INSTANTIATE_TEST_SUITE_P(
    Tensors, PickleBadTest,
    ::testing::Values(
        BadCase{TensorProgram("K\2K\3K\3\x86K\3K\1\x86"), "[3,3], strides [3,1] and offset 2"},
        BadCase{TensorProgram("K\1K\3K\3\x86K\3\x85"), "strides [3]"},
        BadCase{TensorProgram("J\xFF\xFF\xFF\xFFK\1\x85K\1\x85"), "offset -1"},
        BadCase{TensorProgram("K\1J\xFF\xFF\xFF\xFF\x85K\1\x85"), "is -1"},
        BadCase{TensorProgram("K\1K\3\x85J\xFF\xFF\xFF\xFF\x85"), "is -1"},
        BadCase{TensorProgram("K\1K\3K\3"), "no tuple"},
        BadCase{TensorProgram(std::string("K\0\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85K\1\x85",
                                          16)),
                "9223372036854775807"},
        BadCase{TensorProgram(std::string("K\0K\3\x85\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85",
                                          16)),
                "does not lie"},
        BadCase{TensorProgram("K\1K\1\x85K\1\x85", "J\xFF\xFF\xFF\xFF"), "no storage"}));

TEST(PickleTest, OpcodesOfOtherProtocolsAreRefused) {
  for (const char* first : {"\x80\x01N.", "\x80\x06N."}) {
    EXPECT_THAT(Pickle::Parse(first, "p"),
                StatusIs(absl::StatusCode::kInvalidArgument, "2 to 5 are read"));
  }
  EXPECT_THAT(Pickle::Parse(Program("\x97"), "p"),
              StatusIs(absl::StatusCode::kInvalidArgument, "opcode 0x97"));
  EXPECT_THAT(Pickle::Parse(Program("ios\nsystem\n"), "p"),
              StatusIs(absl::StatusCode::kInvalidArgument, "opcode 0x69"));
}

TEST(PickleTest, DeepNestingIsRefused) {
  std::string program = "\x80\x02";
  for (int i = 0; i < 100000; ++i) program += ']';
  for (int i = 1; i < 100000; ++i) program += 'a';

  EXPECT_THAT(Pickle::Parse(program + ".", "p"),
              StatusIs(absl::StatusCode::kDataLoss, "nested deeper"));
}

// Lists that hold the list before twice: 2^50 leaves when written out, 51 values here.
TEST(PickleTest, SharedNestingStaysSmall) {
  constexpr char kLevels = 50;
  std::string program("\x80\x02(]q\0", 6);
  for (char level = 1; level <= kLevels; ++level) {
    const std::string below = {'h', static_cast<char>(level - 1)};
    absl::StrAppend(&program, "](", below, below, "eq", std::string(1, level));
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Pickle pickle, Pickle::Parse(program + "t.", "p"));

  EXPECT_EQ(pickle.root().items.size(), kLevels + 1u);
}

TEST(PickleTest, TooManyValuesAreRefused) {
  const std::string program = "\x80\x02(" + std::string(600000, 'N') + "t.";

  EXPECT_THAT(Pickle::Parse(program, "p"),
              StatusIs(absl::StatusCode::kDataLoss, "more than 500000 values"));
}

}  // namespace
}  // namespace niwaki::tensorfile
