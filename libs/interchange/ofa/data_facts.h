// What is known of the data behind a network, kept beside OFA's files, which have no place for it:
// without it a network that goes out and comes back has lost the names of its classes and how its
// examples are prepared.
//
//   data.json   {"data_digest": …, "class_names_known": …, "data": {…}}, as in a supernet's
//   manifest
//   OUT.pth.data.json   the same, beside a whole supernet's checkpoint OUT.pth

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_DATA_FACTS_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_DATA_FACTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::interchange {

inline constexpr char kDataFactsFile[] = "data.json";

DataFacts FactsOf(const train::Manifest& manifest);

// Writes FOLDER/data.json atomically; the errors of writing.
absl::Status WriteDataFacts(const std::string& folder, const DataFacts& facts);

// The name of the file that keeps the facts beside a checkpoint.
std::string DataFactsBeside(const std::string& checkpoint);

// Writes it atomically; the errors of writing.
absl::Status WriteDataFactsBeside(const std::string& checkpoint, const DataFacts& facts);

// The errors of reading; InvalidArgument with reason FILE_MALFORMED or ARGUMENT_INVALID, the file
// named.
absl::StatusOr<DataFacts> ReadDataFactsFile(const std::string& path);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_DATA_FACTS_H_
