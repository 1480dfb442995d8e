#include "services/app/exit_codes.h"

#include <iostream>

namespace snapledger::app {

int Complain(const absl::Status& status, int exit_code) {
  std::cerr << "snapledger: " << status.message() << std::endl;
  return exit_code;
}

}  // namespace snapledger::app
