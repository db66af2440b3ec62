// niwaki-train: trains a supernet, and evaluates subnets of one.

#include "libs/base/clock.h"
#include "libs/base/process/standard_streams.h"
#include "services/trainer/run.h"

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  const int code = niwaki::trainer::Run(argc, argv, niwaki::Clock::Real());
  return niwaki::ExitCodeAfterOutput("niwaki-train", code);
}
