#include "libs/predictor/predictor_file.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

std::string Path(const std::string& name) { return absl::StrCat(::testing::TempDir(), "/", name); }

arch::SearchSpace Space(const std::string& name) { return *arch::CatalogueSpace(name); }

std::vector<arch::Subnet> Sample(const arch::SearchSpace& space) {
  std::vector<arch::Subnet> subnets;
  Random random(1);
  for (int i = 0; i < 50; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  return subnets;
}

std::vector<double> Predictions(const AccuracyPredictor& predictor,
                                const arch::SearchSpace& space) {
  const std::vector<arch::Subnet> subnets = Sample(space);
  std::vector<double> top1(subnets.size());
  predictor.Predict(subnets, absl::MakeSpan(top1));
  return top1;
}

StructuredPredictor MakeStructured(const arch::SearchSpace& space) {
  FeatureBasis basis(space, Sample(space));
  Random random(2);
  std::vector<double> weights;
  for (int i = 0; i < basis.size(); ++i) weights.push_back(random.Normal());
  return StructuredPredictor(space, std::move(basis), 0.75, std::move(weights));
}

std::unique_ptr<MlpPredictor> MakeMlp(const arch::SearchSpace& space, Encoding encoding) {
  Encoder encoder = *Encoder::Create(encoding, space);
  Random random(3);
  const auto layer = [&](int inputs, int outputs, bool bias) {
    DenseLayer made{inputs, outputs, {}, {}};
    for (int i = 0; i < inputs * outputs; ++i) {
      made.weights.push_back(static_cast<float>(random.Normal()));
    }
    if (bias) made.bias.assign(outputs, 0.25f);
    return made;
  };
  Mlp mlp = *Mlp::Create({layer(encoder.columns(), 7, true), layer(7, 1, false)});
  return *MlpPredictor::Create(std::move(encoder), std::move(mlp), 0.5);
}

std::string WriteStructured(const std::string& name, const arch::SearchSpace& space) {
  const std::string path = Path(name);
  const StructuredPredictor predictor = MakeStructured(space);
  PredictorInfo info;
  Describe(space, predictor, info);
  info.source = "test";
  info.scores = 50;
  info.held_out = HeldOut{5, 50, 0.875, 0.9375, 0.0025, 0.75, 0.8125, {}, {}};
  info.held_out->macs = Baseline{0.625, 0.5};
  info.held_out->parameters = Baseline{0.25, std::nullopt};
  EXPECT_THAT(WritePredictor(path, info, predictor), IsOk());
  return path;
}

TEST(PredictorFileTest, StructuredPredictorReadsBack) {
  const arch::SearchSpace space = Space("kws");
  const std::string path = WriteStructured("structured", space);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path, space));

  EXPECT_EQ(Predictions(*stored.predictor, space), Predictions(MakeStructured(space), space));
  EXPECT_EQ(stored.info.kind, "structured");
  EXPECT_EQ(stored.info.space, "kws");
  EXPECT_EQ(stored.info.scores, 50);
  ASSERT_TRUE(stored.info.held_out.has_value());
  EXPECT_EQ(stored.info.held_out->kendall, 0.875);
  EXPECT_EQ(stored.info.held_out->kendall_within, 0.75);
  EXPECT_EQ(stored.info.held_out->kendall_session, 0.8125);
  EXPECT_EQ(stored.info.held_out->macs->kendall, 0.625);
  EXPECT_EQ(stored.info.held_out->macs->kendall_within, 0.5);
  EXPECT_EQ(stored.info.held_out->parameters->kendall, 0.25);
  EXPECT_EQ(stored.info.held_out->parameters->kendall_within, std::nullopt);
  EXPECT_EQ(stored.info.classes, 12);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const PredictorInfo info, ReadPredictorInfo(path));
  EXPECT_EQ(info.structure, space.structure().ToHex());
}

TEST(PredictorFileTest, MlpReadsBack) {
  const arch::SearchSpace space = Space("ofa_mbv3_w12");
  for (const Encoding encoding :
       {Encoding::kOneHot, Encoding::kOfaMobileNet, Encoding::kOfaTutorial}) {
    const std::string path = Path("mlp");
    const auto predictor = MakeMlp(space, encoding);
    PredictorInfo info;
    Describe(space, *predictor, info);
    ASSERT_THAT(WritePredictor(path, info, *predictor), IsOk());

    NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path, space));

    EXPECT_EQ(Predictions(*stored.predictor, space), Predictions(*predictor, space));
    EXPECT_EQ(stored.info.encoding, EncodingName(encoding));
    EXPECT_FALSE(stored.info.held_out.has_value());
  }
}

TEST(PredictorFileTest, OtherSpaceIsRefusedByName) {
  const std::string path = WriteStructured("for_kws", Space("kws"));

  const auto stored = ReadPredictor(path, Space("cifar32"));

  EXPECT_THAT(stored, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(stored, StatusIs(absl::StatusCode::kInvalidArgument, "for space kws (structure "));
  EXPECT_THAT(stored, StatusIs(absl::StatusCode::kInvalidArgument, "not for space cifar32"));
}

TEST(PredictorFileTest, OfaEncodingIsForOneFamily) {
  const arch::SearchSpace space = Space("ofa_mbv3_w12");
  const std::string path = Path("family");
  const auto predictor = MakeMlp(space, Encoding::kOfaTutorial);
  PredictorInfo info;
  Describe(space, *predictor, info);
  ASSERT_THAT(WritePredictor(path, info, *predictor), IsOk());
  std::string text = space.ToTextproto();
  for (size_t at; (at = text.find("\nresolutions")) != std::string::npos;) {
    text.erase(at, text.find("\n}", at) + 2 - at);
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace sizes,
      arch::SearchSpace::FromTextproto(text + "\nresolutions { value: 192 }"));

  EXPECT_THAT(ReadPredictor(path, sizes), IsOk());
  EXPECT_THAT(ReadPredictor(path, Space("ofa_mbv3_w10")),
              StatusIs(absl::StatusCode::kInvalidArgument, "ofa_mbv3_w10"));
}

TEST(PredictorFileTest, StructuredPredictorIsForFewerInputs) {
  const arch::SearchSpace space = Space("ofa_resnet50");
  const std::string path = WriteStructured("inputs", space);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor whole, ReadPredictor(path, space));
  for (const std::vector<int>& sizes : {std::vector<int>{176}, {128, 160, 256}}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fewer, arch::WithResolutions(space, sizes));
    std::vector<arch::Subnet> same;
    for (const arch::Subnet& subnet : Sample(fewer)) {
      same.push_back(*arch::SubnetFromJson(space, arch::ToJson(fewer, subnet)));
    }
    std::vector<double> expected(same.size());
    whole.predictor->Predict(same, absl::MakeSpan(expected));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path, fewer));

    EXPECT_THAT(Predictions(*stored.predictor, fewer),
                ::testing::Pointwise(::testing::DoubleNear(1e-9), expected));
  }
}

TEST(PredictorFileTest, StructuredPredictorKnowsNoOtherInputs) {
  const arch::SearchSpace space = Space("ofa_resnet50");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fewer,
                              arch::WithResolutions(space, {128, 144}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace other,
                              arch::WithResolutions(space, {144, 256}));
  const std::string path = WriteStructured("few_inputs", fewer);

  EXPECT_THAT(ReadPredictor(path, fewer), IsOk());
  EXPECT_THAT(ReadPredictor(path, other),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "is a predictor for the resolutions 128, 144 of space ofa_resnet50, not for "
                       "all of 144, 256"));
  EXPECT_THAT(ReadPredictor(path, space), StatusIs(absl::StatusCode::kInvalidArgument, "240, 256"));
  EXPECT_THAT(ReadPredictor(path, other.WithNumClasses(10)),
              StatusIs(absl::StatusCode::kInvalidArgument, "not for all of 144, 256"));
}

// What earlier versions did not write.
TEST(PredictorFileTest, FilesOfEarlierVersionsAreRead) {
  const arch::SearchSpace space = Space("kws");
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(WriteStructured("earlier", space)));
  for (const std::string name : {"classes", "kendall_within", "kendall_session", "macs\\\":{"}) {
    const size_t at = bytes.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    bytes[at] = 'X';
  }
  const std::string path = Path("without");
  ASSERT_THAT(WriteFileAtomically(path, bytes), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path, space));

  EXPECT_EQ(stored.info.classes, 0);
  EXPECT_EQ(stored.info.held_out->kendall, 0.875);
  EXPECT_EQ(stored.info.held_out->kendall_within, std::nullopt);
  EXPECT_EQ(stored.info.held_out->kendall_session, std::nullopt);
  EXPECT_EQ(stored.info.held_out->macs, std::nullopt);
}

// A job on data of four classes, searched on in the catalogue's space of twelve, and back.
TEST(PredictorFileTest, NumberOfClassesDoesNotMatterButIsSaid) {
  const arch::SearchSpace twelve = Space("kws");
  const arch::SearchSpace four = twelve.WithNumClasses(4);
  for (const bool of_four : {true, false}) {
    const arch::SearchSpace& own = of_four ? four : twelve;
    const arch::SearchSpace& other = of_four ? twelve : four;
    const std::string path = WriteStructured("four_classes", own);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor same, ReadPredictor(path, own));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path, other));

    EXPECT_EQ(same.note, "");
    EXPECT_EQ(stored.note, absl::StrCat(path, " is a predictor of networks for ", of_four ? 4 : 12,
                                        " classes, space kws has ", of_four ? 12 : 4,
                                        ": it ranks these, its accuracies are those of ",
                                        of_four ? 4 : 12, " classes"));
    EXPECT_EQ(Predictions(*stored.predictor, other), Predictions(*same.predictor, own));
  }
}

TEST(PredictorFileTest, EncodedPredictorsAreForAnyNumberOfClasses) {
  const arch::SearchSpace space = Space("ofa_mbv3_w12");
  for (const Encoding encoding : {Encoding::kOneHot, Encoding::kOfaTutorial}) {
    const std::string path = Path("mlp_classes");
    const auto predictor = MakeMlp(space, encoding);
    PredictorInfo info;
    Describe(space, *predictor, info);
    ASSERT_THAT(WritePredictor(path, info, *predictor), IsOk());

    NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored,
                                ReadPredictor(path, space.WithNumClasses(10)));

    EXPECT_THAT(stored.note, ::testing::HasSubstr("for 1000 classes, space ofa_mbv3_w12 has 10"));
    EXPECT_EQ(Predictions(*stored.predictor, space), Predictions(*predictor, space));
  }
}

TEST(PredictorFileTest, DamagedFilesAreRefused) {
  const arch::SearchSpace space = Space("kws");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string good, ReadFile(WriteStructured("good", space)));
  const std::string path = Path("damaged");
  const auto read = [&](const std::string& bytes) {
    EXPECT_THAT(WriteFileAtomically(path, bytes), IsOk());
    return ReadPredictor(path, space).status();
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  std::string not_a_number = good;
  not_a_number.replace(good.size() - 8, 8, std::string("\0\0\0\0\0\0\xf8\x7f", 8));

  EXPECT_EQ(read(good.substr(0, good.size() / 2)).code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(read(changed("niwaki.predictor", "niwaki.supernets")),
              StatusIs(absl::StatusCode::kDataLoss, "is no predictor"));
  EXPECT_THAT(read(changed("\\\"format\\\":1", "\\\"format\\\":2")),
              StatusIs(absl::StatusCode::kDataLoss, "format is 2"));
  EXPECT_THAT(read(changed("\"intercept\"", "\"intercepT\"")),
              StatusIs(absl::StatusCode::kDataLoss, "tensor intercept is missing"));
  EXPECT_THAT(read(not_a_number),
              StatusIs(absl::StatusCode::kDataLoss, "tensor weights holds nan"));
  EXPECT_THAT(ReadPredictor(Path("absent"), space), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST(PredictorFileTest, RandomChangesNeverCrash) {
  const arch::SearchSpace space = Space("kws");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string good, ReadFile(WriteStructured("whole", space)));
  const std::string path = Path("changed");
  Random random(4);
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 3; ++i) bytes[random.Uniform(800)] = static_cast<char>(random.Next());
    ASSERT_THAT(WriteFileAtomically(path, bytes), IsOk());
    ReadPredictor(path, space).status().IgnoreError();
  }
}

}  // namespace
}  // namespace niwaki::predictor
