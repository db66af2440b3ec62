#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/process/temporary_file.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

namespace niwaki::fuzz {
namespace {

// Of the layout in FORMAT.md.
constexpr size_t kMetadataBytesAt = 12;
constexpr size_t kHeaderBytes = 64;

}  // namespace

std::vector<std::string> Seeds() {
  const std::string json =
      R"({"name":"x","classes":["a","b"],"shape":[1,2,2],"element":"uint8","scale":1,)"
      R"("offset":0,"mean":[0],"stddev":[1],"groups":false,"attributes":{},)"
      R"("splits":{"train":2,"calibration":0,"validation":0,"test":1}})";
  const auto metadata = data::Metadata::FromJson(json);
  NIWAKI_CHECK(metadata.ok());
  const data::SplitColumns two = {{1, 2, 3, 4, 5, 6, 7, 8}, {0, 1}, {}};
  const data::SplitColumns one = {{1, 2, 3, 4}, {1}, {}};
  const auto temporary = TemporaryFile::Create();
  NIWAKI_CHECK(temporary.ok());
  const std::string& path = (*temporary)->path();
  NIWAKI_CHECK(data::WritePrepared(path, *metadata, {two.View(), {}, {}, one.View()}).ok());
  const auto file = ReadFile(path);
  NIWAKI_CHECK(file.ok());
  // Without what Run() puts back.
  return {file->substr(kMetadataBytesAt, 4) + file->substr(kHeaderBytes)};
}

bool Run(absl::string_view input) {
  if (input.size() < 4) return false;
  // Length and digest are made right, or nothing behind their checks would ever be reached.
  const absl::string_view payload = input.substr(4);
  std::string file(kHeaderBytes, '\0');
  file.replace(0, 8, "NWKDATA\n");
  file[8] = 1;
  file.replace(kMetadataBytesAt, 4, input.data(), 4);
  const uint64_t bytes = kHeaderBytes + payload.size();
  std::memcpy(&file[16], &bytes, sizeof bytes);
  file.replace(32, 32, absl::HexStringToBytes(Sha256Hex(payload)));
  const MemoryFile memory(absl::StrCat(file, payload));
  const auto data = data::PreparedData::Open(memory.path());
  if (!data.ok()) return false;
  NIWAKI_CHECK((*data)->metadata().Validate().ok());
  return true;
}

}  // namespace niwaki::fuzz
