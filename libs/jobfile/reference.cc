#include "libs/jobfile/reference.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/jobs/job_spec.h"
#include "libs/jobs/precision.h"
#include "libs/search/algorithm.h"
#include "libs/search/front/objectives.h"
#include "libs/search/metric.h"
#include "libs/search/option.h"

namespace niwaki::jobfile {
namespace {

constexpr char kHead[] = R"(# Job files

A job file says in YAML or JSON what is searched, for which device and within which limits; `niwaki submit FILE` reads it.
Errors name the line, the field, the value and what is allowed, and suggest the name that was meant.

```yaml
name: keywords-on-f746
supernet: kws
device: stm32f746
objectives: [top1, latency]
constraints: {sram: 64kB, flash: 256kB, latency: 100ms}
algorithm: {predictor_nsga2: {initial: 40}}
max_candidates: 200
evaluation: {calibration_images: 256}
```

Only `supernet` and `device` are required.

## Fields

| field | default | allowed | what |
|---|---|---|---|
)";

std::string Row(absl::string_view field, absl::string_view value, absl::string_view limits,
                absl::string_view text) {
  return absl::StrCat("| `", field, "` | ", value, " | ", limits, " | ", text, " |\n");
}

template <typename Owner>
std::string Rows(absl::Span<const search::OptionOf<Owner>> table, absl::string_view prefix) {
  const Owner defaults;
  std::string rows;
  for (const search::OptionOf<Owner>& option : table) {
    absl::StrAppend(&rows, Row(absl::StrCat(prefix, option.name),
                               search::NumberText(search::ValueOf(defaults, option)),
                               option.range.Limits(), option.text));
  }
  return rows;
}

std::string Fields() {
  const jobs::JobSpec defaults;
  const std::string objectives =
      absl::StrJoin(defaults.objectives, ", ", [](std::string* out, search::Metric metric) {
        absl::StrAppend(out, search::MetricName(metric));
      });
  return absl::StrCat(
      Row("name", "", absl::StrCat("at most ", jobs::kMaxDisplayName, " bytes"),
          "What people call the job"),
      Row("supernet", "", "a registered supernet", "Whose subnets are searched"),
      Row("device", "", "a device of the oracle", "What the networks are for"),
      Row("objectives", objectives, absl::StrCat("1 to ", search::kMaxObjectives, " metrics"),
          "What is optimised, each metric once"),
      Row("constraints", "the device's SRAM and flash",
          "costs with a value above 0, or `none` for sram and flash",
          "Hard limits; a network beyond one is never scored. SRAM and flash that are not named "
          "are "
          "limited to what the device has; `none` lifts that"),
      Row("algorithm", search::AlgorithmName(defaults.algorithm),
          "a name, or a map of one name to its options", "Which algorithm searches"),
      Rows(jobs::JobOptions(), ""),
      Row("seed", absl::StrCat(defaults.seed), "0 to 18446744073709551615",
          "Same seed, same search"),
      Row("evaluation.data", "the supernet's", "a SHA-256 in hexadecimal",
          "Prepared data that networks are scored on: of the supernet's classes, in any order, "
          "and prepared as its training data was; else refused at submit"),
      Rows(jobs::EvaluationOptions(), "evaluation."),
      Row("evaluation.precision", defaults.evaluation.precision,
          absl::StrJoin(jobs::KnownPrecisions(), ", "), "What scores are computed in"),
      Row("test_front", defaults.test_front ? "true" : "false", "true, false",
          "When the job has succeeded, score the networks of its front on the test split, which no "
          "search sees"),
      Row("proof", "best where a worker proves", "front, best, none, or a map of the next three",
          "Which networks of the front are made int8, scored so, and measured on a board of the "
          "device's core where one is connected; one that breaks a limit there, cannot be built, "
          "or is dominated in int8 leaves the front. What is written is waited for"),
      Row("proof.members", "best", "front, best, none", "See above"),
      Row("proof.max_members", "0", absl::StrCat("0 to ", jobs::kMaxProofMembers),
          "Of `front`: at most this many, the first ones; 0 means all"),
      Row("proof.extra_slots", absl::StrCat(defaults.proof.extra_slots),
          absl::StrCat("0 to ", jobs::kMaxExtraSlots),
          "Candidates searched beside `max_candidates` when a network leaves the front, and "
          "networks proven in place of such"));
}

absl::string_view UnitText(search::Unit unit) {
  switch (unit) {
    case search::Unit::kShare:
      return "share, 0 to 1";
    case search::Unit::kNats:
      return "nats";
    case search::Unit::kBytes:
      return "bytes; `B`, `kB`, `MB` of 1024";
    case search::Unit::kMicroseconds:
      return "microseconds; `us`, `ms`, `s`";
    case search::Unit::kMillijoules:
      return "millijoules; `uJ`, `mJ`, `J`";
    default:
      return "a count; `k`, `M`, `G` of 1000";
  }
}

std::string MetricRows() {
  std::string rows;
  for (const search::Metric metric : search::kAllMetrics) {
    const search::MetricFacts& facts = search::FactsOf(metric);
    const std::string names = facts.short_name.empty()
                                  ? std::string(facts.name)
                                  : absl::StrCat(facts.short_name, "`, `", facts.name);
    absl::StrAppend(&rows, Row(names, facts.title, UnitText(facts.unit),
                               absl::StrCat(facts.maximised ? "maximised" : "minimised",
                                            facts.cost ? ", may be limited" : "")));
  }
  return rows;
}

std::string AlgorithmSections() {
  std::string sections;
  for (const std::string& name : search::AlgorithmNames()) {
    const search::Algorithm algorithm = *search::AlgorithmByName(name);
    absl::StrAppend(&sections, "\n### `", name, "`\n\n");
    const std::vector<search::Option> options = search::OptionsOf(algorithm);
    if (options.empty()) {
      absl::StrAppend(&sections, "No options.\n");
      continue;
    }
    absl::StrAppend(&sections, "| option | default | allowed | what |\n|---|---|---|---|\n");
    for (const search::Option& option : options) {
      absl::StrAppend(
          &sections,
          Row(option.name, search::NumberText(search::OptionValue(algorithm, option.name)),
              option.range.Limits(), option.text));
    }
  }
  return sections;
}

}  // namespace

std::string JobFileReference() {
  return absl::StrCat(kHead, Fields(),
                      "\n## Metrics\n\n| name | title | unit | |\n|---|---|---|---|\n",
                      MetricRows(), "\n## Algorithms\n\nEach takes 1 to ", search::kMaxObjectives,
                      " objectives, `evolution` one only.\n", AlgorithmSections());
}

}  // namespace niwaki::jobfile
