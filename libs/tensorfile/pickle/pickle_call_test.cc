#include "libs/tensorfile/pickle/pickle_call.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::tensorfile {
namespace {

using ::testing::ElementsAre;

constexpr char kRebuildTensor[] = "torch._utils._rebuild_tensor_v2";

class PickleCallTest : public ::testing::Test {
 protected:
  PickleValue* Make(PickleKind kind) {
    values_.emplace_back();
    values_.back().kind = kind;
    return &values_.back();
  }
  PickleValue* Int(int64_t integer) {
    PickleValue* value = Make(PickleKind::kInt);
    value->integer = integer;
    return value;
  }
  PickleValue* Text(PickleKind kind, const std::string& text) {
    PickleValue* value = Make(kind);
    value->text = text;
    return value;
  }
  PickleValue* Tuple(const std::vector<const PickleValue*>& items) {
    PickleValue* value = Make(PickleKind::kTuple);
    value->items = items;
    return value;
  }
  PickleValue* Integers(const std::vector<int64_t>& integers) {
    std::vector<const PickleValue*> items;
    for (const int64_t integer : integers) items.push_back(Int(integer));
    return Tuple(items);
  }
  PickleValue* StorageId(const std::string& storage_class, int64_t elements) {
    return Tuple({Text(PickleKind::kString, "storage"), Text(PickleKind::kGlobal, storage_class),
                  Text(PickleKind::kString, "7"), Text(PickleKind::kString, "cpu"), Int(elements)});
  }
  // Of a storage of 12 floats.
  absl::Status Rebuild(int64_t offset, const std::vector<int64_t>& shape,
                       const std::vector<int64_t>& strides, PickleValue& result) {
    PickleValue* storage = Make(PickleKind::kNone);
    const absl::Status loaded = LoadPersistent(*StorageId("torch.FloatStorage", 12), "f", *storage);
    if (!loaded.ok()) return loaded;
    const PickleValue* arguments = Tuple({storage, Int(offset), Integers(shape), Integers(strides),
                                          Make(PickleKind::kBool), Make(PickleKind::kDict)});
    return CallGlobal(*Text(PickleKind::kGlobal, kRebuildTensor), *arguments, "f", result);
  }

  // A deque keeps its elements in place.
  std::deque<PickleValue> values_;
};

TEST_F(PickleCallTest, GlobalsThatRunProgramsAreRefusedByName) {
  NIWAKI_EXPECT_OK(CheckGlobal("collections.OrderedDict", "f"));
  NIWAKI_EXPECT_OK(CheckGlobal(kRebuildTensor, "f"));
  NIWAKI_EXPECT_OK(CheckGlobal("torch.BFloat16Storage", "f"));
  NIWAKI_EXPECT_OK(CheckGlobal("argparse.Namespace", "f"));
  EXPECT_TRUE(IsKnownGlobal("torch.BFloat16Storage"));
  EXPECT_FALSE(IsKnownGlobal("argparse.Namespace"));

  const absl::Status refused = CheckGlobal("posix.system", "f.pth");

  EXPECT_THAT(refused, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument,
                                "f.pth: the pickle names posix"
                                ".system, which is refused"));
}

TEST_F(PickleCallTest, PersistentIdNamesAStorage) {
  PickleValue result;

  NIWAKI_ASSERT_OK(LoadPersistent(*StorageId("torch.HalfStorage", 12), "f", result));

  EXPECT_EQ(result.kind, PickleKind::kStorage);
  EXPECT_EQ(result.tensor.storage.dtype, Dtype::kF16);
  EXPECT_EQ(result.tensor.storage.key, "7");
  EXPECT_EQ(result.tensor.storage.elements, 12);
}

TEST_F(PickleCallTest, PersistentIdOfAnythingElseIsCorrupt) {
  PickleValue result;

  EXPECT_THAT(LoadPersistent(*StorageId("torch.FloatStorage", -1), "f", result),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(LoadPersistent(*Int(3), "f", result),
              StatusIs(absl::StatusCode::kDataLoss, "f: a persistent id that is no storage"));
}

TEST_F(PickleCallTest, StorageOfAnUnknownClassIsOpaque) {
  PickleValue result;

  NIWAKI_ASSERT_OK(LoadPersistent(*StorageId("torch.OtherStorage", 12), "f", result));

  EXPECT_EQ(result.kind, PickleKind::kOpaque);
  EXPECT_EQ(result.text, "torch.OtherStorage");
}

TEST_F(PickleCallTest, CallsOfOthersAreOpaque) {
  PickleValue result;

  NIWAKI_ASSERT_OK(CallGlobal(*Text(PickleKind::kGlobal, "my.Net"), *Int(1), "f", result));

  EXPECT_EQ(result.kind, PickleKind::kOpaque);
  EXPECT_EQ(result.text, "my.Net");
}

TEST_F(PickleCallTest, DefaultDictIsADict) {
  PickleValue result;

  NIWAKI_ASSERT_OK(CallGlobal(*Text(PickleKind::kGlobal, "collections.defaultdict"),
                              *Tuple({Text(PickleKind::kGlobal, "builtins.list")}), "f", result));

  EXPECT_EQ(result.kind, PickleKind::kDict);
}

TEST_F(PickleCallTest, TensorLiesWithinItsStorage) {
  PickleValue result;

  NIWAKI_ASSERT_OK(Rebuild(6, {2, 3}, {3, 1}, result));

  EXPECT_EQ(result.kind, PickleKind::kTensor);
  EXPECT_EQ(result.tensor.offset, 6);
  EXPECT_THAT(result.tensor.shape, ElementsAre(2, 3));
  EXPECT_THAT(result.tensor.strides, ElementsAre(3, 1));
}

TEST_F(PickleCallTest, TensorBeyondItsStorageIsCorrupt) {
  PickleValue result;

  EXPECT_THAT(Rebuild(7, {2, 3}, {3, 1}, result),
              StatusIs(absl::StatusCode::kDataLoss, "does not lie within the 12 elements"));
  EXPECT_THAT(Rebuild(13, {0}, {1}, result), StatusIs(absl::StatusCode::kDataLoss, "offset 13"));
  EXPECT_THAT(Rebuild(0, {2}, {int64_t{1} << 62}, result),
              StatusIs(absl::StatusCode::kDataLoss, "does not lie within"));
  EXPECT_THAT(Rebuild(0, {2, 3}, {1}, result),
              StatusIs(absl::StatusCode::kDataLoss, "does not lie within"));
  EXPECT_THAT(Rebuild(0, {-1}, {1}, result), StatusIs(absl::StatusCode::kDataLoss, "stride is -1"));
  // A tensor without elements may stand at the very end.
  NIWAKI_EXPECT_OK(Rebuild(12, {0}, {1}, result));
}

TEST_F(PickleCallTest, ParameterIsItsTensor) {
  PickleValue* tensor = Make(PickleKind::kNone);
  NIWAKI_ASSERT_OK(Rebuild(0, {12}, {1}, *tensor));
  const PickleValue* global = Text(PickleKind::kGlobal, "torch._utils._rebuild_parameter");
  PickleValue result;

  NIWAKI_ASSERT_OK(CallGlobal(
      *global, *Tuple({tensor, Make(PickleKind::kBool), Make(PickleKind::kDict)}), "f", result));

  EXPECT_THAT(result.tensor.shape, ElementsAre(12));
  EXPECT_THAT(CallGlobal(*global, *Tuple({Int(1), Int(2), Int(3)}), "f", result),
              StatusIs(absl::StatusCode::kDataLoss, "without a tensor"));
}

TEST_F(PickleCallTest, OrderedDictBeginsEmpty) {
  const PickleValue* global = Text(PickleKind::kGlobal, "collections.OrderedDict");
  PickleValue result;

  NIWAKI_ASSERT_OK(CallGlobal(*global, *Tuple({}), "f", result));

  EXPECT_EQ(result.kind, PickleKind::kDict);
  EXPECT_TRUE(result.entries.empty());
  EXPECT_THAT(CallGlobal(*global, *Tuple({Int(1)}), "f", result),
              StatusIs(absl::StatusCode::kDataLoss, "with 1 arguments"));
  EXPECT_THAT(CallGlobal(*Int(1), *Tuple({}), "f", result),
              StatusIs(absl::StatusCode::kDataLoss, "no function"));
}

}  // namespace
}  // namespace niwaki::tensorfile
