// Proofs with every field set, for tests.

#ifndef NIWAKI_LIBS_JOBS_STORE_SAMPLE_PROOFS_H_
#define NIWAKI_LIBS_JOBS_STORE_SAMPLE_PROOFS_H_

#include <string>

#include "libs/jobs/proof.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

inline Int8Network SampleNetwork() {
  return {std::string(64, 'a'), 3, std::string(64, 'b'), Score{0.25, 0.5, 1.5, 20, 0.75},
          Score{0.125, 0.5, 2.5, 30, 1.75}};
}

inline Proof SampleProof(ProofState state) {
  Proof proof;
  proof.state = state;
  proof.reason = "no board \"seven\"";
  proof.round = 2;
  proof.network = SampleNetwork();
  proof.cached = true;
  proof.strikes = {"w-3"};
  proof.measurement = "measurements/12";
  proof.measurements = 2;
  BoardFigures figures;
  figures.board = "m7-0";
  figures.unit = "instructions";
  figures.count = 1000;
  figures.count_low = 990;
  figures.count_high = 1010;
  figures.inputs = 16;
  figures.flash_bytes = 12345;
  figures.schedule = "streamed_75";
  figures.bill_digest = std::string(64, 'c');
  proof.figures = figures;
  return proof;
}

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_SAMPLE_PROOFS_H_
