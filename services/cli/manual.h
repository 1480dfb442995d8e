#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace snapledger::cli {

// What a flag, or an argument without dashes, is to those who use it. Help, the reference, the man
// page and completion are made from this and nothing else; it is read from the parser, so a flag is
// declared once, where its command adds it:
//   - CLI::Option::type_name is the placeholder of its value; FILE and DIR are completed with
//   paths,
//   - AddChoice (choice.h), or a type_name with words between bars, is completed with those words,
//   - the description says what it means, its unit, and ends with the default in [brackets].
struct FlagManual {
  std::vector<std::string> spellings;  // "-o", "--output"; the name of an argument
  std::string placeholder;             // of its value; empty: a switch
  std::vector<std::string> words;      // the only ones it takes, where they are few
  std::string help;  // also says the words, where the placeholder has no room, and "required"
  std::string group;
  bool argument = false;
  bool required = false;
  bool repeated = false;
};

// A command, or the program itself.
struct CommandManual {
  std::string path;     // "snapledger events record"
  std::string summary;  // one line
  std::string details;  // prose, examples, indented lines as they stand
  std::vector<FlagManual> arguments, flags;
  std::vector<CommandManual> subcommands;
};

// Reads the parser of the program, or of one of its commands. --help, which every command has, is
// left out.
CommandManual ManualOf(const CLI::App& command);
FlagManual ManualOf(const CLI::Option& option);

// "snapledger events get [FLAGS] EVENT_ID".
std::string UsageOf(const CommandManual& command);

// "-o, --output table|json".
std::string HeadingOf(const FlagManual& flag);

// The command and all below it, parents first.
std::vector<const CommandManual*> AllCommands(const CommandManual& program);

// The group of the flags that say which service to call and how.
inline constexpr char kServiceGroup[] = "The service to call";

// What every command's exit code means, for the end of its help.
inline constexpr char kExitCodes[] =
    "Exit codes: 0 done, 1 the operation failed, 2 usage or configuration.";

// Prints --help.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();

  std::string make_usage(const CLI::App* command, std::string name) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_footer(const CLI::App* command) const override;
};

}  // namespace snapledger::cli
