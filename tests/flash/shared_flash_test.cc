// The flash model against seven published networks as they are linked: none is in the fit. They lie
// in the folder that NIWAKI_SHARED names, under models.

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"
#include "tests/flash/linked_flash.h"

namespace niwaki::flash {
namespace {

void ExpectWithin(const std::string& path) {
  SCOPED_TRACE(path);
  const char* const shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                              ReadFile(absl::StrCat(shared, "/models/", path, ".tflite")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const engine::QuantisedNetwork network,
                              interchange::ReadTflite(bytes));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto folder, TemporaryFolder::Create());
  const board::EmulatedBoard board = *board::FindEmulatedBoard("cortex-m4");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LinkedFlash flash,
                              LinkFlash(engine::FusePads(network), {}, board, folder->path()));
  std::cout << absl::StreamFormat("%-40s predicted %8d, linked %8d, %+d\n", path,
                                  flash.predicted.total(), flash.linked_bytes, flash.error_bytes());
  EXPECT_TRUE(flash.within()) << flash.error_bytes() << " bytes off, allowed "
                              << flash.allowed_bytes();
}

TEST(SharedFlashTest, PublishedNetworksAreWithinTheTarget) {
  for (const char* name : {"ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"}) {
    ExpectWithin(absl::StrCat("mlperf_tiny/", name));
  }
  for (const char* name :
       {"tinyengine_vww", "mcunet-320kb-1mb_imagenet", "mcunet-512kb-2mb_imagenet"}) {
    ExpectWithin(absl::StrCat("mcunet/", name));
  }
}

}  // namespace
}  // namespace niwaki::flash
