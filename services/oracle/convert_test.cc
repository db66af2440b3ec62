#include "services/oracle/convert.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"

namespace niwaki::oracle {
namespace {

arch::SearchSpace Space() { return *arch::CatalogueSpace("kws"); }

std::string FieldOf(const absl::Status& status) {
  return GetErrorDetail(status).value_or(ErrorDetail()).field;
}

TEST(ConvertTest, PrefixGoesBeforeFieldAndMessage) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
                                  .Field("ks[2]")
                                  .Message("kernel_size 9");

  const absl::Status within = WithinField(status, "subnets[7]");

  EXPECT_EQ(FieldOf(within), "subnets[7].ks[2]");
  EXPECT_EQ(within.message(), "subnets[7]: kernel_size 9");
  EXPECT_EQ(FieldOf(WithinField(absl::InternalError("x"), "entries[0]")), "entries[0]");
  EXPECT_THAT(WithinField(absl::OkStatus(), "x"), IsOk());
}

TEST(ConvertTest, DeviceNamesAreChecked) {
  const latency::LatencySnapshot snapshot;
  EXPECT_THAT(DeviceFromName(snapshot, "devices/stm32f746", "device"), IsOk());
  EXPECT_THAT(DeviceFromName(snapshot, "devices/z80", "device"),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  for (const std::string& name : {std::string("stm32f746"), std::string("devices/"), std::string(),
                                  std::string(1 << 20, 'x')}) {
    const absl::Status status = DeviceFromName(snapshot, name, "device").status();

    EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(FieldOf(status), "device");
    EXPECT_LT(status.message().size(), 200u);
  }
}

TEST(ConvertTest, DevicesTravelBothWays) {
  const device::Device device = device::CatalogueDevices()[0];

  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device back, DeviceFromProto(ToProto(device)));

  EXPECT_EQ(ToProto(back).SerializeAsString(), ToProto(device).SerializeAsString());
  EXPECT_EQ(FieldOf(DeviceFromProto(v1::Device()).status()), "name");
}

TEST(ConvertTest, BothFormsOfSubnetAgree) {
  const uint64_t seed = 11;
  SCOPED_TRACE(seed);
  const arch::SearchSpace space = Space();
  Random random(seed);
  for (int i = 0; i < 100; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    v1::SubnetRef genes;
    genes.set_genes(subnet.genes.data(), subnet.genes.size());
    v1::SubnetRef json;
    json.set_json(arch::ToJson(space, subnet));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet from_genes, SubnetFromProto(space, genes));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet from_json, SubnetFromProto(space, json));
    EXPECT_EQ(from_genes, subnet);
    EXPECT_EQ(from_json, subnet);
  }
}

TEST(ConvertTest, WrongSubnetsAreRefused) {
  const arch::SearchSpace space = Space();
  v1::SubnetRef ref;
  EXPECT_THAT(SubnetFromProto(space, ref),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  ref.set_genes("\x01\x02");
  EXPECT_THAT(SubnetFromProto(space, ref),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  ref.set_genes(std::string(space.layout().num_genes, '\xff'));
  EXPECT_THAT(SubnetFromProto(space, ref),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  ref.set_json("{");
  EXPECT_THAT(SubnetFromProto(space, ref), StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST(ConvertTest, LookupEntriesTravelBothWays) {
  v1::LookupEntry proto;
  proto.set_device("devices/stm32f746");
  proto.set_signature("conv2d 48x48x8 48x48x24 k1 s1 relu6 int8");
  proto.set_latency_us(12.5);
  proto.set_spread_us(0.5);
  proto.set_count(3);
  proto.set_provenance(v1::PROVENANCE_MEASURED);
  proto.set_source("board 7");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const latency::LookupEntry entry, EntryFromProto(proto));

  EXPECT_EQ(ToProto(entry).SerializeAsString(), proto.SerializeAsString());
}

TEST(ConvertTest, EntriesOfUnknownProvenanceAreRefused) {
  for (v1::Provenance provenance : {v1::PROVENANCE_UNSPECIFIED, static_cast<v1::Provenance>(99)}) {
    v1::LookupEntry proto;
    proto.set_device("devices/stm32f746");
    proto.set_provenance(provenance);

    EXPECT_EQ(FieldOf(EntryFromProto(proto).status()), "provenance");
  }
}

}  // namespace
}  // namespace niwaki::oracle
