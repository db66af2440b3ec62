// Fields of a JobSpec message by the names of the option tables (libs/search/option.h), so that
// whoever reads or writes a spec walks the tables instead of naming every option again.

#ifndef NIWAKI_LIBS_JOBFILE_SPEC_FIELDS_H_
#define NIWAKI_LIBS_JOBFILE_SPEC_FIELDS_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

// The number in field `name`, an int32 or a double; nullopt while it is not set: a field without
// presence is not set while it is 0. Ends the process when the message has no such field, as the
// functions below do.
std::optional<double> GetNumber(const google::protobuf::Message& message, absl::string_view name);
// `value` must fit the field.
void SetNumber(absl::string_view name, double value, google::protobuf::Message& message);

// "nsga2" where the spec names NSGA-II, "" where it names no algorithm.
std::string AlgorithmName(const v1::JobSpec& spec);
// The options of the algorithm `name`, which must be the one that is set.
const google::protobuf::Message& AlgorithmOptions(const v1::JobSpec& spec, absl::string_view name);
// Makes `name` the spec's algorithm and returns its options.
google::protobuf::Message& MutableAlgorithm(absl::string_view name, v1::JobSpec& spec);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_SPEC_FIELDS_H_
