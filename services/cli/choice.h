#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "services/base/text.h"

namespace snapledger::cli {

// For CLI::Option::transform: one of these words, in any case, as the number beside it.
template <typename Enum>
CLI::Validator Choice(std::vector<std::pair<std::string, Enum>> words) {
  return CLI::Validator(
      [words = std::move(words)](std::string& text) {
        std::string all;
        for (const auto& [word, value] : words) {
          if (absl::AsciiStrToLower(text) == word) {
            text = std::to_string(static_cast<int>(value));
            return std::string();
          }
          all += base::Concat(all.empty() ? "" : ", ", word);
        }
        return base::Concat("must be one of ", all);
      },
      "");
}

}  // namespace snapledger::cli
