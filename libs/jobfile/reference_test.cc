// Whether what is written for people says what the tables say: libs/jobfile/FORMAT.md is the
// reference, and the comments of job.proto name every range and default.

#include "libs/jobfile/reference.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/jobfile/metric.h"
#include "libs/jobs/job_spec.h"
#include "libs/jobs/precision.h"
#include "libs/search/algorithm.h"
#include "libs/search/front/objectives.h"
#include "libs/search/metric.h"
#include "libs/search/option.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Comments of job.proto by "Message.field" and "Enum.VALUE".
std::map<std::string, std::string> ProtoComments() {
  const auto text = ReadFile("proto/niwaki/v1/job.proto", 1 << 20);
  EXPECT_THAT(text, IsOk());
  std::map<std::string, std::string> comments;
  std::string owner;
  std::string comment;
  const std::vector<std::string> lines = absl::StrSplit(*text, '\n');
  for (const std::string& raw : lines) {
    absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (absl::ConsumePrefix(&line, "// ")) {
      absl::StrAppend(&comment, comment.empty() ? "" : " ", line);
      continue;
    }
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 1 && (words[0] == "message" || words[0] == "enum")) owner = words[1];
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "=") comments[absl::StrCat(owner, ".", words[i - 1])] = comment;
    }
    comment.clear();
  }
  return comments;
}

void ExpectDocumented(const std::map<std::string, std::string>& comments, absl::string_view message,
                      const search::Option& option, double value) {
  const std::string field = absl::StrCat(message, ".", option.name);
  const auto comment = comments.find(field);
  ASSERT_NE(comment, comments.end()) << field;
  EXPECT_THAT(comment->second,
              AllOf(HasSubstr(option.range.Limits()),
                    HasSubstr(absl::StrCat("unset means ", search::NumberText(value), "."))))
      << field;
}

TEST(ReferenceTest, DocumentIsTheReference) {
  const std::string reference = JobFileReference();
  const auto document = ReadFile("libs/jobfile/FORMAT.md", 1 << 20);

  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(*document, reference) << "libs/jobfile/FORMAT.md should be:\n" << reference;
}

TEST(ReferenceTest, MessagesNameRangesAndDefaultsOfAlgorithms) {
  const std::map<std::string, std::string> comments = ProtoComments();
  const auto* oneof = v1::JobSpec::descriptor()->FindOneofByName("algorithm");
  ASSERT_EQ(oneof->field_count(), search::AlgorithmNames().size());
  for (int i = 0; i < oneof->field_count(); ++i) {
    const auto algorithm = search::AlgorithmByName(oneof->field(i)->name());
    ASSERT_TRUE(algorithm.has_value()) << oneof->field(i)->name();
    const google::protobuf::Descriptor& message = *oneof->field(i)->message_type();
    const std::vector<search::Option> options = search::OptionsOf(*algorithm);
    // No field is without an option either.
    EXPECT_EQ(message.field_count(), options.size()) << message.name();
    for (const search::Option& option : options) {
      ExpectDocumented(comments, message.name(), option,
                       search::OptionValue(*algorithm, option.name));
    }
  }
}

TEST(ReferenceTest, MessagesNameTheDefaultAlgorithm) {
  const std::string name(search::AlgorithmName(jobs::JobSpec().algorithm));
  const auto* oneof = v1::JobSpec::descriptor()->FindOneofByName("algorithm");
  const auto* field = v1::JobSpec::descriptor()->FindFieldByName(name);
  ASSERT_NE(field, nullptr) << name;
  ASSERT_EQ(field->containing_oneof(), oneof);
  const auto text = ReadFile("proto/niwaki/v1/job.proto", 1 << 20);
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(*text, HasSubstr(absl::StrCat("The algorithm; unset means ",
                                            field->message_type()->name(), " with its defaults.")));
}

TEST(ReferenceTest, MessagesNameRangesAndDefaultsOfJobs) {
  const std::map<std::string, std::string> comments = ProtoComments();
  const jobs::JobSpec spec;
  for (const auto& option : jobs::JobOptions()) {
    ExpectDocumented(comments, "JobSpec", option, search::ValueOf(spec, option));
  }
  for (const auto& option : jobs::EvaluationOptions()) {
    ExpectDocumented(comments, "Evaluation", option, search::ValueOf(spec.evaluation, option));
  }
  EXPECT_THAT(comments.at("JobSpec.seed"), HasSubstr(absl::StrCat("unset means ", spec.seed)));
  EXPECT_THAT(comments.at("JobSpec.display_name"),
              HasSubstr(absl::StrCat("at most ", jobs::kMaxDisplayName, " bytes")));
  EXPECT_THAT(comments.at("JobSpec.objectives"),
              AllOf(HasSubstr(absl::StrCat("1 to ", search::kMaxObjectives, " metrics")),
                    HasSubstr("Unset means TOP1 and LATENCY_US.")));
  EXPECT_THAT(spec.objectives,
              testing::ElementsAre(search::Metric::kTop1, search::Metric::kLatencyUs));
  for (const std::string& precision : jobs::KnownPrecisions()) {
    EXPECT_THAT(comments.at("Evaluation.precision"),
                HasSubstr(absl::StrCat("\"", precision, "\"")));
  }
  EXPECT_THAT(comments.at("Evaluation.precision"),
              HasSubstr(absl::StrCat("unset means \"", jobs::kDefaultPrecision, "\"")));
}

// A number that 0 is not a value of has presence, so that 0 can be refused.
TEST(ReferenceTest, ZeroIsToldFromUnsetWhereItIsNoValue) {
  const auto expect = [](const google::protobuf::Descriptor& message,
                         const search::Option& option) {
    const auto* field = message.FindFieldByName(std::string(option.name));
    ASSERT_NE(field, nullptr) << option.name;
    EXPECT_TRUE(field->has_presence() || option.range.Contains(0)) << field->full_name();
  };
  for (const auto& option : jobs::JobOptions()) expect(*v1::JobSpec::descriptor(), option);
  for (const auto& option : jobs::EvaluationOptions()) {
    expect(*v1::Evaluation::descriptor(), option);
  }
  for (const std::string& name : search::AlgorithmNames()) {
    const auto* field = v1::JobSpec::descriptor()->FindFieldByName(name);
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      expect(*field->message_type(), option);
    }
  }
}

TEST(ReferenceTest, MessagesSayWhichMetricsAreMaximised) {
  const std::map<std::string, std::string> comments = ProtoComments();
  for (const search::Metric metric : search::kAllMetrics) {
    const std::string& comment =
        comments.at(absl::StrCat("Metric.", v1::Metric_Name(MetricToProto(metric))));
    EXPECT_THAT(comment, HasSubstr(search::IsMaximised(metric) ? "Maximised." : "Minimised."));
    const std::string name =
        absl::StrReplaceAll(v1::Metric_Name(MetricToProto(metric)), {{"METRIC_", ""}});
    if (search::IsCost(metric)) {
      EXPECT_THAT(comments.at("Constraint.metric"), HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace niwaki::jobfile
