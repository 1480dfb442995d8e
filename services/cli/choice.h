#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace snapledger::cli {

// The words a flag takes, in the order people are shown them, each with what it means.
template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

// Adds a flag (or a positional, without dashes in `name`) that takes one of a few words, in either
// case, with - or _: `--kind pixel|app`. `target` is the enum, or a vector of it for a flag that
// may be repeated. Parsing, help, completion and the reference all know the words from here. A word
// that is none of them is a usage error that lists them. `target` must outlive the parse.
template <typename Target, typename Value>
CLI::Option* AddChoice(CLI::App& command, const std::string& name, Target* target,
                       const Choices<Value>& choices, const std::string& help) {
  std::string words;
  for (const auto& [word, value] : choices) words += (words.empty() ? "" : "|") + word;
  const auto plain = [](std::string text) {
    std::replace(text.begin(), text.end(), '_', '-');
    return CLI::detail::to_lower(text);
  };
  const auto to_number = [choices, words, plain](std::string& given) -> std::string {
    for (const auto& [word, value] : choices) {
      if (plain(given) != plain(word)) continue;
      given = std::to_string(static_cast<int64_t>(value));
      return "";
    }
    return "\"" + given + "\" is none of " + words;
  };
  return command.add_option(name, *target, help)
      ->type_name(words)
      ->transform(CLI::Validator(to_number, /*validator_desc=*/""));
}

}  // namespace snapledger::cli
