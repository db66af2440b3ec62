#include "tests/bench/figure.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/json.h"

namespace niwaki::bench {
namespace {

std::string FormatValue(double value) {
  if (value != 0 && value < 0.1) return absl::StrFormat("%.4f", value);
  if (value < 100) return absl::StrFormat("%.2f", value);
  return absl::StrFormat("%.0f", value);
}

std::string Verdict(const Figure& figure) {
  if (!figure.absent.empty()) return figure.absent;
  if (!figure.target.has_value()) return "";
  return figure.ok() ? "ok" : "short";
}

std::string TargetText(const Figure& figure) {
  if (!figure.target.has_value()) return "";
  return absl::StrCat(figure.better == Better::kHigher ? ">= " : "<= ",
                      FormatValue(*figure.target));
}

}  // namespace

bool Figure::ok() const {
  if (!target.has_value()) return true;
  return better == Better::kHigher ? value >= *target : value <= *target;
}

Figure AbsentFigure(std::string name, absl::string_view why) {
  Figure figure;
  figure.name = std::move(name);
  figure.absent = std::string(why);
  return figure;
}

std::string ToTable(const std::vector<Figure>& figures) {
  std::string table =
      absl::StrFormat("%-54s %12s  %-14s %14s  %s\n", "figure", "value", "unit", "target", "");
  for (const Figure& figure : figures) {
    const std::string verdict = Verdict(figure);
    absl::StrAppendFormat(&table, "%-54s %12s  %-14s %14s  %s%s%s\n", figure.name,
                          figure.absent.empty() ? FormatValue(figure.value) : "-", figure.unit,
                          TargetText(figure), verdict,
                          verdict.empty() || figure.beside.empty() ? "" : "  ", figure.beside);
  }
  return table;
}

std::string ToJson(const std::vector<Figure>& figures) {
  Json array = Json::array();
  for (const Figure& figure : figures) {
    if (!figure.absent.empty()) {
      array.push_back({{"name", figure.name}, {"absent", figure.absent}});
      continue;
    }
    Json row = {{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
    if (figure.target.has_value()) {
      row["target"] = *figure.target;
      row["verdict"] = Verdict(figure);
    }
    if (!figure.beside.empty()) row["beside"] = figure.beside;
    array.push_back(row);
  }
  return array.dump(2);
}

}  // namespace niwaki::bench
