#include "services/cli/show/proto_json.h"

#include "gmock/gmock.h"
#include "proto/niwaki/v1/job.pb.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {
namespace {

TEST(ProtoJsonTest, JobBecomesPlainJson) {
  v1::Job job;
  job.set_name("jobs/a");
  job.set_state(v1::JOB_STATE_RUNNING);
  job.mutable_create_time()->set_seconds(1700000000);
  job.mutable_progress()->set_scored(5000000000);
  job.mutable_progress()->mutable_remaining()->set_nanos(500000000);

  const Json json = MessageToJson(job);

  EXPECT_EQ(json["name"], "jobs/a");
  EXPECT_EQ(json["state"], "RUNNING");
  EXPECT_EQ(json["create_time"], "2023-11-14T22:13:20+00:00");
  EXPECT_EQ(json["progress"]["scored"], 5000000000);
  EXPECT_EQ(json["progress"]["remaining"], 0.5);
  EXPECT_EQ(json["etag"], "");
  EXPECT_FALSE(json.contains("spec"));
}

TEST(ProtoJsonTest, ListsAndOneofsFollowPresence) {
  v1::JobSpec spec;
  spec.add_objectives(v1::METRIC_TOP1);
  spec.mutable_nsga2()->set_mutation_probability(0.5);

  const Json json = MessageToJson(spec);

  EXPECT_EQ(json["objectives"].dump(), R"(["TOP1"])");
  EXPECT_EQ(json["constraints"].dump(), "[]");
  EXPECT_EQ(json["nsga2"].dump(), R"({"mutation_probability":0.5})");
  EXPECT_FALSE(json.contains("random"));
  EXPECT_FALSE(json.contains("seed"));
}

TEST(ProtoJsonTest, BytesAreHexadecimal) {
  v1::SubnetRef subnet;
  subnet.set_genes(std::string("\x00\xff", 2));

  EXPECT_EQ(MessageToJson(subnet).dump(), R"({"genes":"00ff"})");
}

}  // namespace
}  // namespace niwaki::cli
