#include "services/app/program.h"

int main(int argc, char** argv) { return snapledger::app::RunProgram(argc, argv); }
