#include "libs/train/recipe/schedule.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::train {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kDefaultWarmupStart = 0.1;

// Position of `epochs` from the beginning.
double PositionOf(double epochs, double total_epochs, int64_t steps_per_epoch) {
  return steps_per_epoch > 0 ? std::round(epochs * steps_per_epoch) : epochs / total_epochs;
}

}  // namespace

absl::StatusOr<Schedule> Schedule::Create(const arch::SearchSpace& space, const Recipe& recipe,
                                          int64_t steps_per_epoch) {
  NIWAKI_RETURN_IF_ERROR(recipe.Validate());
  Schedule schedule(recipe);
  for (const Phase& phase : recipe.phases) {
    NIWAKI_ASSIGN_OR_RETURN(ChoiceSet choices, ChoiceSet::Create(space, phase));
    if (!schedule.choices_.empty()) {
      NIWAKI_RETURN_IF_ERROR(choices.CheckGrownFrom(schedule.choices_.back()));
    }
    schedule.choices_.push_back(std::move(choices));
  }
  NIWAKI_RETURN_IF_ERROR(schedule.PlanTeachers());
  schedule.LayOut(steps_per_epoch);
  return schedule;
}

void Schedule::LayOut(int64_t steps_per_epoch) {
  increment_ = steps_per_epoch > 0 ? 1 : 0;
  const double total = recipe_.epochs();
  double epochs = 0;
  for (const Phase& phase : recipe_.phases) {
    Span span;
    span.begin = spans_.empty() ? 0 : spans_.back().end;
    epochs += phase.epochs;
    span.end = PositionOf(epochs, total, steps_per_epoch);
    if (phase.learning_rate > 0) {
      const int images = recipe_.learning_rate_batch;
      const double growth = images > 0 ? static_cast<double>(recipe_.batch_size) / images : 1.0;
      span.cosine_begin = span.begin;
      span.peak = phase.learning_rate * growth;
      span.warmup = PositionOf(phase.warmup_epochs, total, steps_per_epoch);
      span.warmup_start = phase.warmup_learning_rate > 0 ? phase.warmup_learning_rate
                                                         : kDefaultWarmupStart * span.peak;
    } else {
      const double begin = span.begin;
      const double end = span.end;
      span = spans_.back();
      span.begin = begin;
      span.end = end;
    }
    spans_.push_back(span);
  }
  // A training has at least one step.
  spans_.back().end = std::max(spans_.back().end, increment_);
  for (size_t i = spans_.size(); i-- > 0;) {
    const bool last_of_cosine = i + 1 == spans_.size() ||
                                spans_[i + 1].cosine_begin != spans_[i].cosine_begin ||
                                recipe_.phases[i + 1].learning_rate > 0;
    spans_[i].cosine_end = last_of_cosine ? spans_[i].end : spans_[i + 1].cosine_end;
  }
}

absl::Status Schedule::PlanTeachers() {
  // Name of the phase at whose end the kept subnet was taken.
  std::string kept;
  for (int i = 0; i < static_cast<int>(recipe_.phases.size()); ++i) {
    const std::string& teacher = recipe_.phases[i].teacher;
    bool take = teacher == kStartTeacher;
    if (take) kept.clear();
    const std::string before = i > 0 ? recipe_.phases[i - 1].name : "";
    for (int later = i; later < static_cast<int>(recipe_.phases.size()) && i > 0; ++later) {
      if (recipe_.phases[later].teacher != before) continue;
      take = true;
      kept = before;
    }
    takes_teacher_.push_back(take);
    if (!UsesKeptTeacher(i) || teacher == kStartTeacher || teacher == kept) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(absl::StrCat("phases[", i, "].teacher"))
        .Value(teacher)
        .Message(absl::StrCat("phase '", recipe_.phases[i].name, "' learns from phase '", teacher,
                              "', but a phase between them has taken another teacher; only one is "
                              "kept at a time"));
  }
  return absl::OkStatus();
}

bool Schedule::UsesKeptTeacher(int index) const {
  const std::string& teacher = recipe_.phases[index].teacher;
  return teacher != kNoTeacher && teacher != kLiveTeacher;
}

int Schedule::PhaseAt(double position) const {
  int index = 0;
  while (index + 1 < phases() && position >= spans_[index].end) ++index;
  return index;
}

double Schedule::LearningRateAt(double position) const {
  const Span& span = spans_[PhaseAt(position)];
  const double done = position - span.cosine_begin;
  if (done < span.warmup) {
    const double risen = (done + increment_) / span.warmup;
    return span.warmup_start + (span.peak - span.warmup_start) * risen;
  }
  const double length = span.cosine_end - span.cosine_begin - span.warmup;
  const double annealed = length > 0 ? std::min((done - span.warmup) / length, 1.0) : 1.0;
  return span.peak * 0.5 * (1 + std::cos(kPi * annealed));
}

}  // namespace niwaki::train
