#include "libs/train/train_options.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/file_writer.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/runtime.h"

namespace niwaki::train {
namespace {

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value.Piece(), " is not ", limit));
}

}  // namespace

int TrainOptions::work_threads() const {
  return threads > 0 ? threads
                     : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

absl::Status TrainOptions::Validate() const {
  constexpr double kMaxMinutes = 60 * 24 * 365;
  NIWAKI_RETURN_IF_ERROR(recipe.Validate());
  if (!(minutes >= 0 && minutes <= kMaxMinutes))
    return Invalid("minutes", minutes, "in [0, a year]");
  if (output.empty()) return Invalid("output", output, "a file name");
  if (threads < 0) return Invalid("threads", threads, "0 or more");
  if (evaluations < 0) return Invalid("evaluations", evaluations, "0 or more");
  if (!(checkpoint_seconds > 0))
    return Invalid("checkpoint_seconds", checkpoint_seconds, "above 0");
  if (precision != "f32" && precision != "bf16" && precision != "f16")
    return Invalid("precision", precision, "one of f32, bf16, f16");
  if (precision != "f32" && device != "cuda")
    return Invalid("precision", precision, "for device cpu; it is f32 there");
  return supernet::CheckDevice(device);
}

absl::Status TrainOptions::CheckOutputs() const {
  NIWAKI_RETURN_IF_ERROR(CheckWritable(output));
  if (!HasCompanions(output)) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(CheckWritable(CheckpointPath(output)));
  return CheckWritable(LogPath(output));
}

bool HasCompanions(const std::string& output) { return !IsStream(output); }

std::string CheckpointPath(const std::string& output) { return output + ".checkpoint"; }

std::string LogPath(const std::string& output) { return output + ".log.jsonl"; }

}  // namespace niwaki::train
