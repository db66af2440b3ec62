#include "libs/tensorfile/state_dict.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/pytorch_fixture.h"
#include "libs/tensorfile/pytorch_writer.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Pair;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::vector<float> Floats(const TensorView& tensor) {
  EXPECT_EQ(tensor.dtype, Dtype::kF32);
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<std::string> NamesOf(const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

// A file with two floats under each of `names`.
std::string File(const std::vector<std::string>& names, const std::string& key = "state_dict") {
  static constexpr float kNumbers[] = {1, 2};
  const absl::string_view bytes(reinterpret_cast<const char*>(kNumbers), sizeof(kNumbers));
  NamedTensors tensors;
  for (const std::string& name : names) {
    tensors.emplace_back(name, TensorView{Dtype::kF32, {2}, bytes});
  }
  return *SerializeStateDict(tensors, key);
}

TEST(StateDictTest, ReadsATrainingProgramsCheckpoint) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto state, StateDict::Parse(FixtureTrainingCheckpoint(), "f"));
  const StateDictNotes& notes = state->notes();

  EXPECT_THAT(NamesOf(state->tensors()), ElementsAre("bn.num_batches_tracked", "bn.weight",
                                                     "conv.bias", "conv.weight", "total_ops"));
  EXPECT_THAT(Floats(state->tensors().at("conv.weight")), ElementsAre(1, -2));
  EXPECT_THAT(Floats(state->tensors().at("conv.bias")), ElementsAre(1));
  EXPECT_THAT(Floats(state->tensors().at("bn.weight")), ElementsAre(3.25f, 0.1f));
  EXPECT_EQ(notes.entry, "state_dict");
  EXPECT_THAT(notes.other_entries, ElementsAre("state_dict_ema"));
  EXPECT_THAT(notes.prefixes, ElementsAre("_orig_mod.", "module.", "model."));
  EXPECT_THAT(notes.converted, ElementsAre(Pair("BF16", 1), Pair("F16", 1), Pair("F64", 1)));
  EXPECT_THAT(notes.not_tensors, ElementsAre("step"));
  EXPECT_THAT(notes.foreign, IsSupersetOf({"argparse.Namespace", "numpy.core.multiarray.scalar"}));
}

TEST(StateDictTest, ReadsTheEntryThatIsWanted) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto state, StateDict::Parse(FixtureTrainingCheckpoint(), "f", {"state_dict_ema"}));

  EXPECT_THAT(NamesOf(state->tensors()),
              ElementsAre("bn.weight", "conv.bias", "conv.weight", "n_averaged"));
  EXPECT_THAT(Floats(state->tensors().at("conv.weight")), ElementsAre(4, 5));
  EXPECT_EQ(state->notes().entry, "state_dict_ema");
  EXPECT_THAT(state->notes().other_entries, ElementsAre("state_dict"));
  EXPECT_THAT(state->notes().prefixes, ElementsAre("module.", "model."));
  EXPECT_THAT(state->notes().converted, IsEmpty());
  EXPECT_THAT(StateDict::Parse(FixtureTrainingCheckpoint(), "f", {"optimizer"}),
              StatusIs(kInvalid,
                       "no entry 'optimizer' with tensors; there are state_dict, "
                       "state_dict_ema"));
}

TEST(StateDictTest, ReadsWhatLiesDeeper) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto state,
                              StateDict::Parse(FixtureProtocolFourCheckpoint(), "f"));

  // Those of one layer: its name stays.
  EXPECT_THAT(NamesOf(state->tensors()), ElementsAre("w.bias", "w.weight"));
  EXPECT_EQ(state->notes().entry, "checkpoint.model");
}

struct NamesCase {
  const char* description;
  std::vector<std::string> names;
  std::vector<std::string> expected;
  std::vector<std::string> prefixes;
};

class StateDictNamesTest : public ::testing::TestWithParam<NamesCase> {};

TEST_P(StateDictNamesTest, AreUnwrapped) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto state, StateDict::Parse(File(GetParam().names), "f"));

  EXPECT_EQ(NamesOf(state->tensors()), GetParam().expected);
  EXPECT_EQ(state->notes().prefixes, GetParam().prefixes);
}

INSTANTIATE_TEST_SUITE_P(
    Names, StateDictNamesTest,
    ::testing::Values(
        NamesCase{"Bare", {"a.w", "b.w"}, {"a.w", "b.w"}, {}},
        NamesCase{"Compiled", {"_orig_mod.a.w", "_orig_mod.b.w"}, {"a.w", "b.w"}, {"_orig_mod."}},
        // A part of the network alone was compiled.
        NamesCase{"CompiledWithin",
                  {"a._orig_mod.0.w", "b.w", "x_orig_mod.w"},
                  {"a.0.w", "b.w", "x_orig_mod.w"},
                  {"_orig_mod."}},
        NamesCase{"Averaged",
                  {"module.a.w", "module.b.w", "n_averaged"},
                  {"a.w", "b.w", "n_averaged"},
                  {"module."}},
        NamesCase{"Profiled",
                  {"net.a.total_ops", "net.a.w", "net.b.w", "total_ops", "total_params"},
                  {"a.total_ops", "a.w", "b.w", "total_ops", "total_params"},
                  {"net."}},
        NamesCase{"Deep",
                  {"student.backbone.net.a.w", "student.backbone.net.b.w"},
                  {"a.w", "b.w"},
                  {"student.", "backbone.", "net."}},
        NamesCase{"Sharded",
                  {"_fsdp_wrapped_module.a._checkpoint_wrapped_module.w", "b.w"},
                  {"a.w", "b.w"},
                  {"_fsdp_wrapped_module.", "_checkpoint_wrapped_module."}},
        // Not shared by all.
        NamesCase{"Partly", {"model.a.w", "head.w"}, {"head.w", "model.a.w"}, {}},
        NamesCase{"OneLayer", {"fc.bias", "fc.weight"}, {"fc.bias", "fc.weight"}, {}},
        NamesCase{
            "WrappedLayer", {"module.bias", "module.weight"}, {"bias", "weight"}, {"module."}},
        // Two names that would become one stay.
        NamesCase{"Clash", {"_orig_mod.a", "a"}, {"_orig_mod.a", "a"}, {}}),
    [](const auto& info) { return std::string(info.param.description); });

TEST(StateDictTest, PrefixesStayWhereTheyAreWanted) {
  StateDictOptions options;
  options.strip_common_prefix = false;

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto state,
      StateDict::Parse(File({"module.model.0.w", "module.model.1.w"}), "f", options));

  EXPECT_THAT(NamesOf(state->tensors()), ElementsAre("model.0.w", "model.1.w"));
}

TEST(StateDictTest, ReadsSafetensorsOfWhateverName) {
  const uint16_t halves[] = {0x3C00, 0x4000};
  const absl::string_view bytes(reinterpret_cast<const char*>(halves), sizeof(halves));
  TensorMap tensors;
  tensors["model.a.w"] = {Dtype::kF16, {2}, bytes};
  tensors["model.b.w"] = {Dtype::kF16, {2}, bytes};
  for (const char* name : {"/model.safetensors", "/model.bin"}) {
    const std::string path = ::testing::TempDir() + name;
    ASSERT_THAT(WriteFileAtomically(path, SerializeSafetensors({}, tensors)), IsOk());

    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto state, StateDict::Open(path));

    EXPECT_THAT(NamesOf(state->tensors()), ElementsAre("a.w", "b.w"));
    EXPECT_THAT(Floats(state->tensors().at("b.w")), ElementsAre(1, 2));
    EXPECT_THAT(state->notes().converted, ElementsAre(Pair("F16", 2)));
    EXPECT_EQ(state->notes().entry, "");
    EXPECT_THAT(StateDict::Open(path, {"model"}), HasReason(kInvalid, reason::kArgumentInvalid));
  }
}

TEST(StateDictTest, OpensACheckpoint) {
  const std::string path = ::testing::TempDir() + "/deep.pth";
  ASSERT_THAT(WriteFileAtomically(path, FixtureProtocolFourCheckpoint()), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto state, StateDict::Open(path));

  EXPECT_THAT(Floats(state->tensors().at("w.weight")), ElementsAre(1, 2, 3, 4));
}

TEST(StateDictTest, OtherFilesAreRefused) {
  const std::string path = ::testing::TempDir() + "/other.pth";
  // A pickle, but none of torch.save's.
  ASSERT_THAT(WriteFileAtomically(path, "\x80\x02N."), IsOk());
  EXPECT_THAT(StateDict::Open(path), StatusIs(kInvalid, "is not a checkpoint of PyTorch"));
  ASSERT_THAT(WriteFileAtomically(path, "{\"a\": 1}"), IsOk());
  EXPECT_THAT(StateDict::Open(path), StatusIs(kInvalid, "nor of safetensors"));
  ASSERT_THAT(WriteFileAtomically(path, SerializeSafetensors({}, {})), IsOk());
  EXPECT_THAT(StateDict::Open(path), StatusIs(kInvalid, "holds no tensors"));
  ASSERT_THAT(WriteFileAtomically(path + ".safetensors", "short"), IsOk());
  EXPECT_THAT(StateDict::Open(path + ".safetensors"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(StateDict::Parse(FixtureEvilCheckpoint(), "f"), StatusIs(kInvalid, "posix.system"));
}

TEST(StateDictTest, CountersAreKnownByTheirLastPart) {
  for (const char* name :
       {"n_averaged", "bn.num_batches_tracked", "a.b.total_ops", "total_params"}) {
    EXPECT_TRUE(IsCounter(name)) << name;
  }
  for (const char* name : {"a.weight", "total_ops.weight", "my_total_ops", ""}) {
    EXPECT_FALSE(IsCounter(name)) << name;
  }
}

}  // namespace
}  // namespace niwaki::tensorfile
