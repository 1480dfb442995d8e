#include "services/bench/program.h"

int main(int argc, char** argv) { return snapledger::bench::RunProgram(argc, argv); }
