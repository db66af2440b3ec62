#include "libs/jobfile/server_error.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobfile/job_file.h"

namespace niwaki::jobfile {
namespace {

constexpr char kText[] =
    "supernet: kws\ndevice: stm32f746\nconstraints:\n  sram: 64kB\n  latency: 1ms\n"
    "evaluation:\n  evaluation_images: 10\n";

absl::Status Against(const std::string& field, const std::string& message) {
  return Error(absl::StatusCode::kNotFound, reason::kSupernetUnknown)
      .Field(field)
      .Value("x")
      .Message(message);
}

absl::Status Told(const absl::Status& status) {
  return InWordsOfFile(status, kText, "job.yaml", *ParseJobSpec(kText, "job.yaml"));
}

TEST(InWordsOfFileTest, FieldsOfTheSpecAreThoseOfTheFileWithTheirLine) {
  const absl::Status status = Told(Against("spec.supernet", "supernets/kw does not exist"));

  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kNotFound, "job.yaml:1: supernets/kw does not exist"));
  EXPECT_EQ(*GetErrorDetail(status), (ErrorDetail{reason::kSupernetUnknown, "supernet", "x", ""}));
}

TEST(InWordsOfFileTest, ConstraintsAreNamedAsTheFileNamesThem) {
  const absl::Status status =
      Told(Against("constraints[1].max", "constraints[1].max is too small"));

  EXPECT_EQ(status.message(), "job.yaml:5: constraints.latency is too small");
  EXPECT_EQ(GetErrorDetail(status)->field, "constraints.latency");
  // One of the device, which the file does not have.
  EXPECT_EQ(GetErrorDetail(Told(Against("constraints[7].max", "m")))->field, "constraints");
}

TEST(InWordsOfFileTest, WhatTheFileDoesNotWriteHasTheLineOfTheNextAroundIt) {
  EXPECT_EQ(Told(Against("spec.evaluation.data_digest", "gone")).message(), "job.yaml:7: gone");
  EXPECT_EQ(GetErrorDetail(Told(Against("spec.evaluation.data_digest", "gone")))->field,
            "evaluation.data");
  EXPECT_EQ(Told(Against("spec.seed", "bad")).message(), "bad");
}

TEST(InWordsOfFileTest, OtherErrorsStayAsTheyAre) {
  EXPECT_EQ(Told(absl::UnavailableError("away")), absl::UnavailableError("away"));
  EXPECT_EQ(Told(Against("job_id", "taken")).message(), "taken");
  EXPECT_EQ(Told(absl::OkStatus()), absl::OkStatus());
}

}  // namespace
}  // namespace niwaki::jobfile
