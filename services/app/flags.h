#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/app/config.h"

namespace snapledger::app {

// The flags of one command that are settings (config.h), with --config.
class Flags {
 public:
  // Adds --config and one flag for each name to `command`, under the heading `group` of its help.
  // This must outlive the parse.
  void AddTo(CLI::App& command, const std::string& group,
             std::initializer_list<std::string_view> names);

  // What was given on the command line.
  GivenValues Given() const;

 private:
  void Add(CLI::App& command, const std::string& group, const Setting& setting);

  std::vector<std::pair<std::string, CLI::Option*>> options_;
};

}  // namespace snapledger::app
