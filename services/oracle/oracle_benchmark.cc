#include "services/oracle/oracle_benchmark.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/client/oracle_client.h"
#include "services/oracle/server.h"

namespace niwaki::oracle {
namespace {

constexpr char kSpace[] = "mcunet";
constexpr char kDevice[] = "devices/stm32f746";
constexpr int kBatch = 256;
// Different batches of one client, so that no cache of results could help.
constexpr int kBatches = 16;
constexpr int kWarmUpQueries = 200;

absl::StatusOr<std::unique_ptr<OracleServer>> StartServer(const std::string& folder) {
  Options options;
  options.listen = "127.0.0.1:0";
  options.db_path = absl::StrCat(folder, "/oracle_benchmark_", EntropySeed(), ".db");
  return OracleServer::Start(options);
}

v1::EstimateCostsRequest MakeRequest(const arch::SearchSpace& space, int subnets, SubnetForm form,
                                     Random& random) {
  v1::EstimateCostsRequest request;
  request.set_device(kDevice);
  request.set_space_name(kSpace);
  for (int i = 0; i < subnets; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    v1::SubnetRef& ref = *request.add_subnets();
    if (form == SubnetForm::kJson) {
      ref.set_json(arch::ToJson(space, subnet));
    } else {
      ref.set_genes(subnet.genes.data(), subnet.genes.size());
    }
  }
  return request;
}

// One client's part of the load, after a first call that connects; adds what was answered to
// `subnets`.
absl::Status AskFor(const std::string& address,
                    const std::vector<v1::EstimateCostsRequest>& requests, absl::Duration duration,
                    std::atomic<int64_t>& subnets) {
  client::ClientOptions options;
  options.channel.own_connection = true;
  client::OracleClient oracle(address, options);
  NIWAKI_RETURN_IF_ERROR(oracle.EstimateCosts(requests[0]).status());
  const absl::Time end = Clock::Real().Now() + duration;
  for (size_t i = 0; Clock::Real().Now() < end; i = (i + 1) % requests.size()) {
    NIWAKI_RETURN_IF_ERROR(oracle.EstimateCosts(requests[i]).status());
    subnets += kBatch;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> BatchedSubnetsPerSecond(const std::string& folder, int clients,
                                               SubnetForm form, double seconds) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(kSpace));
  NIWAKI_ASSIGN_OR_RETURN(const auto server, StartServer(folder));
  std::atomic<int64_t> subnets{0};
  std::vector<absl::Status> statuses(clients);
  std::vector<std::vector<v1::EstimateCostsRequest>> requests(clients);
  for (int i = 0; i < clients; ++i) {
    Random random(/*seed=*/i + 1);
    for (int j = 0; j < kBatches; ++j) {
      requests[i].push_back(MakeRequest(space, kBatch, form, random));
    }
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = AskFor(server->address(), requests[i], absl::Seconds(seconds), subnets);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) NIWAKI_RETURN_IF_ERROR(status);
  return subnets / seconds;
}

absl::StatusOr<double> SingleQueryP99Ms(const std::string& address, int queries) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(kSpace));
  client::OracleClient oracle(address);
  Random random(/*seed=*/1);
  std::vector<double> times_ms;
  for (int i = 0; i < kWarmUpQueries + queries; ++i) {
    const v1::EstimateCostsRequest request = MakeRequest(space, 1, SubnetForm::kGenes, random);
    const absl::Time begin = Clock::Real().Now();
    NIWAKI_RETURN_IF_ERROR(oracle.EstimateCosts(request).status());
    if (i < kWarmUpQueries) continue;
    times_ms.push_back(absl::ToDoubleMilliseconds(Clock::Real().Now() - begin));
  }
  std::sort(times_ms.begin(), times_ms.end());
  return times_ms[std::min<size_t>(times_ms.size() - 1, times_ms.size() * 99 / 100)];
}

absl::StatusOr<double> SingleQueryP99MsWithinProcess(const std::string& folder, int queries) {
  NIWAKI_ASSIGN_OR_RETURN(const auto server, StartServer(folder));
  return SingleQueryP99Ms(server->address(), queries);
}

}  // namespace niwaki::oracle
