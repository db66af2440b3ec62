// Job files: what a user writes to describe a search, in YAML or JSON, as a JobSpec.
//
//   name: keywords-on-f746            # display name
//   supernet: kws
//   device: stm32f746
//   objectives: [top1, latency]
//   constraints: {sram: 64kB, flash: 256kB, latency: 100ms, energy: 5mJ, macs: 5M, params: 200k}
//   algorithm: {predictor_nsga2: {initial: 40}}   # or random, evolution, nsga2
//   max_candidates: 200
//   max_parallel: 16
//   seed: 1
//   evaluation: {calibration_images: 512, evaluation_images: 1000, data: <sha-256>,
//                precision: cpu-f32}
//   test_front: true                  # score the result on the test split, too
//   proof: {members: front, max_members: 3}   # prove the best three in int8, on a board
//
// All fields with their defaults and ranges: libs/jobfile/FORMAT.md.

#ifndef NIWAKI_LIBS_JOBFILE_JOB_FILE_H_
#define NIWAKI_LIBS_JOBFILE_JOB_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

// The JobSpec that `text` describes; `what` names the file in messages. `supernet` and `device` are
// required; what is not written is not set. InvalidArgument with reason FILE_MALFORMED
// for what is not YAML or JSON, with reason ARGUMENT_INVALID, path, value and limit for unknown
// fields, wrong types and values out of range.
absl::StatusOr<v1::JobSpec> ParseJobSpec(absl::string_view text, absl::string_view what);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_JOB_FILE_H_
