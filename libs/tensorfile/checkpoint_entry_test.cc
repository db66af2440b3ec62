#include "libs/tensorfile/checkpoint_entry.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class CheckpointEntryTest : public ::testing::Test {
 protected:
  PickleValue* Make(PickleKind kind) {
    values_.emplace_back();
    values_.back().kind = kind;
    return &values_.back();
  }
  PickleValue* Tensor(Dtype dtype = Dtype::kF32, std::vector<int64_t> shape = {2}) {
    PickleValue* value = Make(PickleKind::kTensor);
    value->tensor.storage.dtype = dtype;
    value->tensor.shape = std::move(shape);
    return value;
  }
  PickleValue* Dict(const std::vector<std::pair<std::string, const PickleValue*>>& entries) {
    PickleValue* dict = Make(PickleKind::kDict);
    for (const auto& [name, value] : entries) {
      PickleValue* key = Make(PickleKind::kString);
      key->text = name;
      dict->entries.emplace_back(key, value);
    }
    return dict;
  }
  PickleValue* Weights() { return Dict({{"conv.weight", Tensor()}, {"conv.bias", Tensor()}}); }

  static std::vector<std::string> Paths(const PickleValue& root) {
    std::vector<std::string> paths;
    for (const CheckpointEntry& entry : FindCheckpointEntries(root)) paths.push_back(entry.path);
    return paths;
  }
  static std::string Chosen(const PickleValue& root) {
    const auto entry = ChooseCheckpointEntry(root, "", "f");
    return entry.ok() ? entry->path : absl::StrCat("error: ", entry.status().message());
  }

  // A deque keeps its elements in place.
  std::deque<PickleValue> values_;
};

TEST_F(CheckpointEntryTest, FindsDictsThatHoldWeights) {
  const PickleValue* root =
      Dict({{"epoch", Make(PickleKind::kInt)},
            {"state_dict", Weights()},
            {"optimizer", Dict({{"exp_avg", Tensor()}})},
            {"lr_scheduler", Dict({{"base", Tensor()}})},
            {"state_dict_ema", Weights()},
            {"ema", Dict({{"module", Weights()}})},
            {"rng", Dict({{"cpu", Tensor(Dtype::kU8)}, {"count", Tensor(Dtype::kF32, {})}})}});

  EXPECT_THAT(Paths(*root), ElementsAre("state_dict", "state_dict_ema", "ema.module"));
  EXPECT_THAT(Paths(*Weights()), ElementsAre("."));
}

TEST_F(CheckpointEntryTest, TheModelIsMeant) {
  EXPECT_EQ(Chosen(*Weights()), ".");
  EXPECT_EQ(Chosen(*Dict({{"state_dict_ema", Weights()}, {"state_dict", Weights()}})),
            "state_dict");
  EXPECT_EQ(Chosen(*Dict({{"model", Weights()}, {"model_ema", Weights()}})), "model");
  EXPECT_EQ(Chosen(*Dict({{"net", Weights()}, {"model_state_dict", Weights()}})),
            "model_state_dict");
  EXPECT_EQ(Chosen(*Dict({{"checkpoint", Dict({{"state_dict", Weights()}})}})),
            "checkpoint.state_dict");
  EXPECT_EQ(Chosen(*Dict({{"a", Dict({{"b", Dict({{"model", Weights()}})}})}})), "a.b.model");
  EXPECT_EQ(Chosen(*Dict({{"student", Weights()}, {"teacher", Weights()}})), "student");
  EXPECT_EQ(Chosen(*Dict({{"ema", Weights()}})), "ema");
  EXPECT_EQ(Chosen(*Dict({{"backbone", Weights()}})), "backbone");
  EXPECT_EQ(Chosen(*Dict({{"model", Weights()}, {"criterion", Weights()}})), "model");
  EXPECT_EQ(Chosen(*Dict({{"semantic", Weights()}, {"model_ema", Weights()}})), "semantic");
  // The nearer to the top.
  EXPECT_EQ(Chosen(*Dict({{"best", Dict({{"state_dict", Weights()}})}, {"net", Weights()}})),
            "net");
  // An empty one is none.
  EXPECT_EQ(Chosen(*Dict({{"state_dict", Dict({})}, {"model", Weights()}})), "model");
}

TEST_F(CheckpointEntryTest, SeveralThatAreMeantAlikeAreRefused) {
  const PickleValue* root = Dict({{"generator", Weights()}, {"discriminator", Weights()}});

  const auto entry = ChooseCheckpointEntry(*root, "", "gan.pth");

  EXPECT_THAT(entry, HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(entry, StatusIs(kInvalid,
                              "gan.pth: holds several state dicts, choose one by --entry: "
                              "generator, discriminator"));
}

TEST_F(CheckpointEntryTest, TheWantedOneIsTaken) {
  const PickleValue* ema = Weights();
  const PickleValue* root = Dict({{"state_dict", Weights()}, {"ema", Dict({{"module", ema}})}});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const CheckpointEntry entry,
                              ChooseCheckpointEntry(*root, "ema.module", "f"));

  EXPECT_EQ(entry.dict, ema);
  const auto none = ChooseCheckpointEntry(*root, "model", "f");
  EXPECT_THAT(none, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_THAT(none, StatusIs(kInvalid, "no entry 'model' with tensors; there are state_dict, ema"));
}

TEST_F(CheckpointEntryTest, WithoutWeightsItIsSaidWhatThereIs) {
  PickleValue* model = Make(PickleKind::kOpaque);
  model->text = "models.Net";

  EXPECT_THAT(ChooseCheckpointEntry(*Dict({{"epoch", Make(PickleKind::kInt)}}), "", "f"),
              StatusIs(kInvalid, "f: holds a dict with keys 'epoch', not a state dict"));
  EXPECT_THAT(ChooseCheckpointEntry(*Dict({}), "", "f"), StatusIs(kInvalid, "an empty dict"));
  EXPECT_THAT(ChooseCheckpointEntry(*Make(PickleKind::kList), "x", "f"),
              StatusIs(kInvalid, "holds a list"));
  EXPECT_THAT(ChooseCheckpointEntry(*model, "", "f"),
              StatusIs(kInvalid,
                       "an object of models.Net (torch.save(model); wanted is "
                       "torch.save(model.state_dict())"));
}

// A dict of dicts of dicts, all the same: a million ways to a hundred values.
TEST_F(CheckpointEntryTest, ManyWaysToAFewDictsAreBounded) {
  const PickleValue* below = Weights();
  for (int level = 0; level < 3; ++level) {
    std::vector<std::pair<std::string, const PickleValue*>> entries;
    for (int i = 0; i < 300; ++i) entries.emplace_back(absl::StrCat("k", i), below);
    below = Dict(entries);
  }

  EXPECT_LE(FindCheckpointEntries(*below).size(), 10000u);
}

}  // namespace
}  // namespace niwaki::tensorfile
