#include "services/cli/commands/space_argument.h"

#include "absl/strings/match.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_macros.h"
#include "libs/client/coordinator_client.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/supernet_upload.h"

namespace niwaki::cli {

absl::StatusOr<arch::SearchSpace> ReadSpaceArgument(Session& session, const std::string& argument) {
  const bool is_file =
      absl::EndsWith(argument, ".textproto") || absl::EndsWith(argument, ".safetensors");
  const bool is_job = absl::StartsWith(argument, "jobs/");
  if (!is_file && (is_job || absl::StartsWith(argument, "supernets/"))) {
    NIWAKI_ASSIGN_OR_RETURN(std::string name,
                            jobfile::ResourceName(is_job ? "jobs" : "supernets", argument, "name"));
    NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
    if (is_job) {
      NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name));
      name = job.spec().supernet();
    }
    NIWAKI_ASSIGN_OR_RETURN(const v1::Supernet supernet, coordinator->GetSupernet(name));
    return arch::SearchSpace::FromMessage(supernet.space());
  }
  if (absl::EndsWith(argument, ".safetensors")) return ReadSupernetSpace(argument);
  return arch::LoadSpace(argument);
}

}  // namespace niwaki::cli
