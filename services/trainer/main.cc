// niwaki-train: trains a supernet, and evaluates subnets of one.

#include "services/trainer/run.h"

int main(int argc, char** argv) { return niwaki::trainer::Run(argc, argv); }
