#pragma once

#include <gmock/gmock.h>

#include <string>

#include "tests/tidy/checks.h"

namespace snapledger::tidy {

// A finding at `path`:`line` that says `text`.
MATCHER_P3(FindingAt, path, line, text, "") {
  *result_listener << ToString(arg);
  return arg.path == path && arg.line == line && arg.text.find(text) != std::string::npos;
}

// A file whose only line of interest is its first.
inline SourceTree OneFile(std::string path, std::string text) {
  return {SourceFile(std::move(path), std::move(text))};
}

}  // namespace snapledger::tidy
