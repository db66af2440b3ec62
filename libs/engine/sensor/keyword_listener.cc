#include "libs/engine/sensor/keyword_listener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/sensor/posteriors.h"

namespace niwaki::engine {

absl::StatusOr<std::unique_ptr<KeywordListener>> KeywordListener::Create(
    const QuantisedNetwork* network, const Sensor& sensor) {
  NIWAKI_ASSIGN_OR_RETURN(HostRunner runner, HostRunner::Create(network));
  const arch::TensorId input = runner.input();
  NIWAKI_ASSIGN_OR_RETURN(
      std::unique_ptr<AudioFrontEnd> front_end,
      AudioFrontEnd::Create(sensor, network->graph.shape(input), network->tensors[input]));
  const int64_t outputs = network->graph.shape(runner.output()).elements();
  if (outputs != front_end->options().classes) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("classes")
        .Value(front_end->options().classes)
        .Limit(outputs)
        .Message(absl::StrCat("the data has ", front_end->options().classes,
                              " classes, the network ", outputs, " outputs"));
  }
  return std::unique_ptr<KeywordListener>(
      new KeywordListener(network, std::move(front_end), std::move(runner)));
}

KeywordListener::KeywordListener(const QuantisedNetwork* network,
                                 std::unique_ptr<AudioFrontEnd> front_end, HostRunner runner)
    : network_(network),
      front_end_(std::move(front_end)),
      runner_(std::move(runner)),
      samples_(front_end_->options().front_end.window_samples),
      columns_(int64_t{front_end_->options().frames} * front_end_->options().front_end.mel_bins),
      posteriors_(int64_t{front_end_->options().averaged_runs} * front_end_->options().classes),
      scratch_(front_end_->ScratchBytes() / sizeof(float)),
      input_(int64_t{front_end_->options().input.rows} * front_end_->options().input.columns) {
  state_.samples = samples_.data();
  state_.columns = columns_.data();
  state_.posteriors = posteriors_.data();
  nw_keyword_begin(&front_end_->options(), &state_);
}

absl::Status KeywordListener::Feed(absl::Span<const int16_t> samples,
                                   const std::function<void(const Heard&)>& on_run) {
  const nw_keyword_options& options = front_end_->options();
  while (!samples.empty()) {
    const auto count = static_cast<int32_t>(std::min<size_t>(samples.size(), 1 << 24));
    const int32_t taken =
        nw_keyword_feed(&options, &state_, samples.data(), count, scratch_.data());
    samples.remove_prefix(taken);
    heard_ += taken;
    if (nw_keyword_due(&state_) == 0) continue;
    nw_keyword_input(&options, &state_, scratch_.data(), input_.data());
    NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> outputs, runner_.Run(input_));
    const std::vector<uint8_t> posteriors = PosteriorsOf(*network_, outputs);
    Heard heard;
    heard.samples = heard_;
    heard.keyword = nw_keyword_take(&options, &state_, posteriors.data());
    for (int c = 0; c < options.classes; ++c) {
      heard.posteriors.push_back(nw_keyword_average(&options, &state_, c));
    }
    on_run(heard);
  }
  return absl::OkStatus();
}

}  // namespace niwaki::engine
