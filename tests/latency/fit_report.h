// What a fit is worth, as tables in markdown.

#ifndef NIWAKI_TESTS_LATENCY_FIT_REPORT_H_
#define NIWAKI_TESTS_LATENCY_FIT_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/latency/latency_model.h"
#include "tests/latency/core_counts.h"
#include "tests/latency/operator_fit.h"

namespace niwaki::latency {

// Absolute errors of ratios: "n 7, mean 5.7 %, median 5.1 %, worst 12.3 %"; "n 0" for none.
std::string ErrorsText(std::vector<double> ratios);

// By class of operator: how many were counted, and how far the model is off on them.
std::string OperatorTable(const LatencyModel& model, const std::vector<CountedOperator>& operators);

// By network, and their errors.
std::string NetworkTable(const std::vector<NetworkCount>& networks);

// `document` with everything behind the line `heading` replaced by `report`. NotFound without such
// a line.
absl::StatusOr<std::string> WithReport(absl::string_view document, absl::string_view heading,
                                       absl::string_view report);

}  // namespace niwaki::latency

#endif  // NIWAKI_TESTS_LATENCY_FIT_REPORT_H_
