#include "services/program/argument_checks.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace niwaki::program {
namespace {

constexpr int kUsageError = 2;

template <typename T>
bool ParseWhole(const std::string& text, T* number) {
  return absl::SimpleAtoi(text, number) ||
         (absl::StartsWithIgnoreCase(text, "0x") && absl::SimpleHexAtoi(text, number));
}

// Leaves the number as the parser, which takes a leading 0 for octal, reads it rightly.
// `from` is the least that the option's own checks let through, "" where they say nothing.
template <typename T>
std::string CheckWhole(const std::string& from, std::string& text) {
  T number = 0;
  if (!ParseWhole(text, &number)) {
    return absl::StrCat("'", text, "' is not a whole number from ",
                        from.empty() ? absl::StrCat(std::numeric_limits<T>::min()) : from, " to ",
                        std::numeric_limits<T>::max());
  }
  text = absl::StrCat(number);
  return "";
}

std::string CheckFinite(std::string& text) {
  double number = 0;
  const bool is_number = absl::SimpleAtod(text, &number) && std::isfinite(number);
  return is_number ? "" : absl::StrCat("'", text, "' is not a number");
}

std::string CheckText(std::string& text) {
  return text.empty() ? "the value is empty; leave the option out, or give one" : "";
}

void CheckOption(CLI::Option& option) {
  // Flags have no value.
  if (option.get_items_expected_max() == 0) return;
  // "UINT:UINT in [1 - 5]": behind the type stand the option's own checks.
  const std::string description = option.get_type_name();
  const absl::string_view type = absl::string_view(description).substr(0, description.find(':'));
  const std::string from = absl::StrContains(description, "FROM 0")    ? "0"
                           : absl::StrContains(description, "ABOVE 0") ? "1"
                                                                       : "";
  std::function<std::string(std::string&)> check = CheckText;
  if (type == "UINT")
    check = [from](std::string& text) { return CheckWhole<uint64_t>(from, text); };
  if (type == "INT") check = [from](std::string& text) { return CheckWhole<int64_t>(from, text); };
  if (type == "FLOAT") check = CheckFinite;
  // Transformers run before the checks.
  option.transform(CLI::Validator(check, /*validator_desc=*/""));
}

}  // namespace

void CheckArguments(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) CheckOption(*option);
  for (CLI::App* sub : app.get_subcommands(nullptr)) CheckArguments(*sub);
}

CLI::Validator AboveZero() {
  return CLI::Validator(
      [](std::string& text) {
        double number = 0;
        const bool fits = absl::SimpleAtod(text, &number) && number > 0;
        return fits ? "" : absl::StrCat("'", text, "' is not a number above 0");
      },
      "ABOVE 0");
}

CLI::Validator FromZero() {
  return CLI::Validator(
      [](std::string& text) {
        double number = 0;
        const bool fits = absl::SimpleAtod(text, &number) && number >= 0;
        return fits ? "" : absl::StrCat("'", text, "' is not a number from 0");
      },
      "FROM 0");
}

std::string DescribeError(const CLI::ParseError& error) {
  // A whole number that CheckArguments let through, for an option that holds 32 bits.
  absl::string_view text = error.what();
  if (error.get_name() != "ConversionError" || !absl::ConsumePrefix(&text, "Could not convert: ")) {
    return error.what();
  }
  const size_t equals = text.find(" = ");
  int64_t number = 0;
  if (equals == absl::string_view::npos || !absl::SimpleAtoi(text.substr(equals + 3), &number)) {
    return error.what();
  }
  return absl::StrCat(text.substr(0, equals), ": '", number, "' is not a whole number from ",
                      std::numeric_limits<int32_t>::min(), " to ",
                      std::numeric_limits<int32_t>::max());
}

std::optional<int> ParseArguments(CLI::App& app, int argc, const char* const* argv) {
  CheckArguments(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, std::cout, std::cerr);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::cerr << app.get_name() << ": " << DescribeError(error) << " (see " << app.get_name()
              << " --help)" << std::endl;
    return kUsageError;
  }
  return std::nullopt;
}

}  // namespace niwaki::program
