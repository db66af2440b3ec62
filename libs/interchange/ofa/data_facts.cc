#include "libs/interchange/ofa/data_facts.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::interchange {
namespace {

constexpr int64_t kMaxBytes = 32 << 20;

}  // namespace

DataFacts FactsOf(const train::Manifest& manifest) {
  return {manifest.data, manifest.data_digest, manifest.class_names_known};
}

namespace {

absl::Status WriteFacts(const std::string& path, const DataFacts& facts) {
  Json json = {{"data_digest", facts.digest},
               {"class_names_known", facts.class_names_known},
               {"data", Json::parse(facts.metadata.ToJson())}};
  return WriteFileAtomically(path, json.dump(2) + "\n");
}

}  // namespace

absl::Status WriteDataFacts(const std::string& folder, const DataFacts& facts) {
  return WriteFacts(absl::StrCat(folder, "/", kDataFactsFile), facts);
}

std::string DataFactsBeside(const std::string& checkpoint) {
  return absl::StrCat(checkpoint, ".", kDataFactsFile);
}

absl::Status WriteDataFactsBeside(const std::string& checkpoint, const DataFacts& facts) {
  return WriteFacts(DataFactsBeside(checkpoint), facts);
}

absl::StatusOr<DataFacts> ReadDataFactsFile(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxBytes));
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  DataFacts facts;
  try {
    facts.digest = json.at("data_digest").get<std::string>();
    facts.class_names_known = json.at("class_names_known").get<bool>();
    auto metadata = data::Metadata::FromJson(json.at("data").dump());
    if (!metadata.ok()) return Annotate(metadata.status(), path);
    facts.metadata = *std::move(metadata);
  } catch (const Json::exception& e) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(path)
        .Message(absl::StrCat(path, ": ", e.what()));
  }
  return facts;
}

}  // namespace niwaki::interchange
