// What other engines take for published networks: instructions, arena and flash, beside ours.
//
// TinyEngine (head), CMSIS-NN (head, through TF-Lite Micro) and TF-Lite Micro's plain kernels,
// counted under the emulator that counts ours (mps2-an500, Cortex-M7, gcc 12.2 -Ofast); arena and
// flash as those builds say them, whole binaries, KB of 1024 bytes. For MLPerf Tiny's networks the
// instructions that the best published latency on an STM32H7A3 allows (closed division, 280 MHz).
// Both from engine/figures.md of the folder that NIWAKI_SHARED names. 0 where there is no figure.

#ifndef NIWAKI_TESTS_BENCH_ENGINE_PEERS_H_
#define NIWAKI_TESTS_BENCH_ENGINE_PEERS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace niwaki::bench {

// One figure of each engine.
struct PeerFigure {
  double tiny_engine = 0;
  double cmsis_nn = 0;
  double tflm = 0;
  double mlperf_tiny = 0;
};

struct EnginePeers {
  PeerFigure mega_instructions;
  PeerFigure arena_kb;
  PeerFigure flash_kb;
};

// TF-Lite Micro's arena and flash are the same for both of its kernels.
inline constexpr EnginePeers kAdPeers = {{0, 0, 0, 0.43}, {}, {}};
inline constexpr EnginePeers kKwsPeers = {{0, 0, 0, 4.5}, {}, {}};
inline constexpr EnginePeers kIcPeers = {{0, 0, 0, 16.4}, {}, {}};
inline constexpr EnginePeers kVww96Peers = {{0, 0, 0, 9.5}, {}, {}};
inline constexpr EnginePeers kVww1Peers = {{34.53, 49.05, 904}, {91.8, 0, 219}, {501, 0, 724}};
inline constexpr EnginePeers kIn3Peers = {{235.43, 389.7, 6302}, {260.1, 0, 492}, {819, 0, 1098}};
inline constexpr EnginePeers kIn4Peers = {{309.87, 444.3, 9411}, {416.1, 0, 754}, {1807, 0, 2142}};

// "TinyEngine 34.53, CMSIS-NN 49.05, TFLM 904"; empty without a figure.
inline std::string PeersText(const PeerFigure& figure) {
  std::string text;
  const auto add = [&text](absl::string_view name, double value) {
    if (value > 0) absl::StrAppend(&text, text.empty() ? "" : ", ", name, " ", value);
  };
  add("TinyEngine", figure.tiny_engine);
  add("CMSIS-NN", figure.cmsis_nn);
  add("TFLM", figure.tflm);
  add("best of MLPerf Tiny", figure.mlperf_tiny);
  return text;
}

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_ENGINE_PEERS_H_
