#include "services/app/flags.h"

#include <algorithm>

#include "services/base/check.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

const Setting& SettingNamed(std::string_view name) {
  const auto settings = Settings();
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  SNAPLEDGER_CHECK(found != settings.end());
  return *found;
}

}  // namespace

void Flags::AddTo(CLI::App& command, const std::string& group,
                  std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) Add(command, group, SettingNamed(name));
  CLI::Option* const config =
      command.add_option("--config", "settings as TOML; flags beat it [none]");
  config->type_name("FILE")->group(group);
  options_.emplace_back("config", config);
}

void Flags::Add(CLI::App& command, const std::string& group, const Setting& setting) {
  const std::string flag = base::Concat("--", setting.name);
  const std::string help(setting.help);
  CLI::Option* option = nullptr;
  if (setting.text != nullptr) {
    const std::string initial = Config().*setting.text;
    const std::string_view shown = initial.empty() ? setting.without : initial;
    const std::string help_with_default = base::Concat(help, " [", shown, "]");
    option = command.add_option(flag, help_with_default);
    option->type_name(std::string(setting.value_name));
  } else {
    option = command.add_flag(flag, help);
  }
  option->group(group);
  options_.emplace_back(std::string(setting.name), option);
}

GivenValues Flags::Given() const {
  GivenValues given;
  for (const auto& [name, option] : options_) {
    if (option->count() > 0) given[name] = option->results().back();
  }
  return given;
}

}  // namespace snapledger::app
