#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snapledger::tidy {

// A function's definition: the lines from its head to its closing brace.
struct FunctionExtent {
  std::string name;
  int begin_line = 0;
  int end_line = 0;

  int lines() const { return end_line - begin_line + 1; }
};

// The functions of C++ code (comments and literals blanked), methods in classes included; a lambda
// belongs to the function around it. Empty and `balanced` false where braces do not match.
struct FunctionScan {
  std::vector<FunctionExtent> functions;
  bool balanced = true;
};
FunctionScan ScanFunctions(std::string_view code);

}  // namespace snapledger::tidy
