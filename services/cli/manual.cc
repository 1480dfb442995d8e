#include "services/cli/manual.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace snapledger::cli {
namespace {

constexpr size_t kHelpColumn = 32;
constexpr size_t kLineWidth = 100;
// Words longer than this stand in the help text instead of behind the flag.
constexpr size_t kPlaceholderWidthMax = 24;
constexpr char kManyWords[] = "WORD";

std::string PathOf(const CLI::App& command) {
  if (command.get_parent() == nullptr) return command.get_name();
  return PathOf(*command.get_parent()) + " " + command.get_name();
}

// CLI11 writes INT, FLOAT or "INT:INT in [1 - 64]".
bool IsNumber(const std::string& type) {
  return absl::StartsWith(type, "INT") || absl::StartsWith(type, "UINT") ||
         absl::StartsWith(type, "FLOAT");
}

// Puts `addition` before the default that ends the help: "only these: a, b [all]".
std::string BeforeDefault(const std::string& help, const std::string& addition) {
  const size_t bracket = absl::EndsWith(help, "]") ? help.rfind(" [") : std::string::npos;
  const std::string end = bracket == std::string::npos ? "" : help.substr(bracket);
  return help.substr(0, bracket) + addition + end;
}

std::vector<std::string> Spellings(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(/*positional=*/true)};
  std::vector<std::string> spellings;
  for (const std::string& name : option.get_snames()) spellings.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) spellings.push_back("--" + name);
  return spellings;
}

// `text` broken between words into lines of at most `width`; lines after the first are indented.
std::string Wrapped(const std::string& text, size_t indent, size_t width) {
  std::string result;
  size_t length = indent;
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(text, ' '))) {
    if (length > indent && length + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      length = indent;
    } else if (length > indent) {
      result += ' ';
      ++length;
    }
    result += word;
    length += word.size();
  }
  return result;
}

}  // namespace

FlagManual ManualOf(const CLI::Option& option) {
  FlagManual flag;
  flag.spellings = Spellings(option);
  flag.help = option.get_description();
  flag.group = option.get_group();
  flag.argument = option.get_positional();
  flag.required = option.get_required();
  flag.repeated = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
  if (flag.required) flag.help = "required; " + flag.help;
  if (flag.repeated) flag.help = BeforeDefault(flag.help, "; may be repeated");
  if (option.get_type_size() == 0) return flag;
  const std::string type = option.get_type_name();
  flag.placeholder = IsNumber(type) ? "N" : type;
  if (absl::StrContains(type, "|")) flag.words = absl::StrSplit(type, '|');
  if (flag.placeholder.size() > kPlaceholderWidthMax) {
    flag.placeholder = kManyWords;
    flag.help = BeforeDefault(flag.help, ": " + absl::StrJoin(flag.words, ", "));
  }
  return flag;
}

CommandManual ManualOf(const CLI::App& command) {
  CommandManual manual;
  manual.path = PathOf(command);
  manual.summary = command.get_description();
  manual.details = std::string(absl::StripAsciiWhitespace(command.get_footer()));
  for (const CLI::Option* const option : command.get_options()) {
    if (option == command.get_help_ptr()) continue;
    (option->get_positional() ? manual.arguments : manual.flags).push_back(ManualOf(*option));
  }
  for (const CLI::App* const subcommand : command.get_subcommands({})) {
    manual.subcommands.push_back(ManualOf(*subcommand));
  }
  return manual;
}

std::string UsageOf(const CommandManual& command) {
  std::string usage = command.path;
  if (!command.subcommands.empty()) return usage + " COMMAND";
  for (const FlagManual& flag : command.flags) {
    if (flag.required) usage += " " + flag.spellings.back() + " " + flag.placeholder;
  }
  if (!command.flags.empty()) usage += " [FLAGS]";
  for (const FlagManual& argument : command.arguments) {
    const std::string name = argument.spellings.front() + (argument.repeated ? "..." : "");
    usage += argument.required ? " " + name : " [" + name + "]";
  }
  return usage;
}

std::string HeadingOf(const FlagManual& flag) {
  std::string heading = absl::StrJoin(flag.spellings, ", ");
  if (flag.argument) return heading;
  return flag.placeholder.empty() ? heading : heading + " " + flag.placeholder;
}

std::vector<const CommandManual*> AllCommands(const CommandManual& program) {
  std::vector<const CommandManual*> all = {&program};
  for (const CommandManual& subcommand : program.subcommands) {
    for (const CommandManual* const command : AllCommands(subcommand)) all.push_back(command);
  }
  return all;
}

HelpFormatter::HelpFormatter() {
  column_width(kHelpColumn);
  label("Positionals", "Arguments");
}

std::string HelpFormatter::make_usage(const CLI::App* command, std::string /*name*/) const {
  return "\nUsage: " + UsageOf(ManualOf(*command)) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool /*is_positional*/) const {
  const FlagManual flag = ManualOf(*option);
  std::string line = "  " + HeadingOf(flag);
  const bool has_room = line.size() + 2 <= kHelpColumn;
  line +=
      has_room ? std::string(kHelpColumn - line.size(), ' ') : "\n" + std::string(kHelpColumn, ' ');
  return line + Wrapped(flag.help, kHelpColumn, kLineWidth) + "\n";
}

std::string HelpFormatter::make_footer(const CLI::App* command) const {
  const std::string details(absl::StripAsciiWhitespace(command->get_footer()));
  std::string footer = details.empty() ? "" : details + "\n\n";
  return footer + kExitCodes + "\n";
}

}  // namespace snapledger::cli
