#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  engine::BillOfMaterials bill;
  bill.prefix = "kws";
  bill.made_from = Json{{"file", {{"name", "kws.tflite"}, {"bytes", 7}}}};
  bill.compiler = "arm-none-eabi-gcc";
  bill.operators = {{"conv2d: 1x1x2 to 1x1x1", 2}};
  bill.sources = {"kws.c"};
  bill.files = {{"kws.c", "00"}, {"kws.h", "11"}};
  return {engine::BillToText(bill)};
}

bool Run(absl::string_view input) {
  const auto bill = engine::BillFromText(input, "input");
  if (!bill.ok()) return false;
  const auto again = engine::BillFromText(engine::BillToText(*bill), "output");
  NIWAKI_CHECK(again.ok() && engine::BillToText(*again) == engine::BillToText(*bill));
  return true;
}

}  // namespace niwaki::fuzz
