// Artifacts on this machine, by digest: fetched once, verified, shared by all workers.
//
//   FOLDER/sha256/<digest>          the content, complete and verified
//   FOLDER/sha256/<digest>.partial  what has come so far of a download
//   FOLDER/sha256/<digest>.lock     held (flock) by the process that downloads

#ifndef NIWAKI_SERVICES_WORKER_ARTIFACT_CACHE_H_
#define NIWAKI_SERVICES_WORKER_ARTIFACT_CACHE_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "libs/client/artifact_client.h"

namespace niwaki::worker {

// One thread at a time; several processes may share a folder.
class ArtifactCache {
 public:
  // Makes the folder. Borrows `client`. The error of the file system where the folder cannot be
  // made or written.
  static absl::StatusOr<std::unique_ptr<ArtifactCache>> Open(const std::string& folder,
                                                             client::ArtifactClient* client);

  // Path of the content. Downloads what is missing; waits while another process does. The content
  // is verified once in the life of this object; damaged content is fetched anew. InvalidArgument
  // unless `digest` is SHA-256 in hexadecimal; the errors of ArtifactClient::Download.
  absl::StatusOr<std::string> Fetch(const std::string& digest);

 private:
  ArtifactCache(std::string folder, client::ArtifactClient* client)
      : folder_(std::move(folder)), client_(client) {}

  const std::string folder_;
  client::ArtifactClient* const client_;
  std::set<std::string> verified_;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_ARTIFACT_CACHE_H_
