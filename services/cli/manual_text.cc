#include "services/cli/manual_text.h"

#include <map>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace snapledger::cli {
namespace {

// Flags of this group are the same in every command that has them: described once.
bool IsShared(const FlagManual& flag) { return flag.group == kServiceGroup; }

// Lines of `details` that belong together: prose, or indented lines that stand as they are.
struct Block {
  bool verbatim = false;
  std::vector<std::string> lines;
};

std::vector<Block> BlocksOf(const std::string& details) {
  std::vector<Block> blocks;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(details, '\n'))) {
    const bool verbatim = absl::StartsWith(line, "  ");
    const bool goes_on = !blocks.empty() && blocks.back().verbatim == verbatim && !line.empty();
    if (!goes_on) blocks.push_back({verbatim, {}});
    if (!line.empty()) blocks.back().lines.push_back(verbatim ? line.substr(2) : line);
  }
  return blocks;
}

// Without what a table or inline HTML of Markdown would take for its own.
std::string Cell(const std::string& text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"<", "&lt;"}});
}

std::string MarkdownTable(const std::vector<FlagManual>& flags) {
  std::string table = "\n| | |\n|---|---|\n";
  for (const FlagManual& flag : flags) {
    table += "| `" + absl::StrReplaceAll(HeadingOf(flag), {{"|", "\\|"}}) + "` | " +
             Cell(flag.help) + " |\n";
  }
  return table;
}

std::string MarkdownDetails(const std::string& details) {
  std::string text;
  for (const Block& block : BlocksOf(details)) {
    if (block.lines.empty()) continue;
    if (block.verbatim) {
      text += "\n```sh\n" + absl::StrJoin(block.lines, "\n") + "\n```\n";
    } else {
      text += "\n" + Cell(absl::StrJoin(block.lines, " ")) + "\n";
    }
  }
  return text;
}

std::string MarkdownCommand(const CommandManual& command) {
  std::string text = "\n## " + command.path + "\n\n" + command.summary + ".\n\n```sh\n" +
                     UsageOf(command) + "\n```\n";
  std::vector<FlagManual> own = command.arguments;
  bool calls_service = false;
  for (const FlagManual& flag : command.flags) {
    if (IsShared(flag)) {
      calls_service = true;
    } else {
      own.push_back(flag);
    }
  }
  if (!own.empty()) text += MarkdownTable(own);
  if (calls_service) text += "\nAnd the [flags of a call](#flags-of-a-call).\n";
  return text + MarkdownDetails(command.details);
}

// The shared flags, as the first command that has them declares them.
std::vector<FlagManual> SharedFlags(const CommandManual& program) {
  for (const CommandManual* const command : AllCommands(program)) {
    std::vector<FlagManual> shared;
    for (const FlagManual& flag : command->flags) {
      if (IsShared(flag)) shared.push_back(flag);
    }
    if (!shared.empty()) return shared;
  }
  return {};
}

std::string Roff(const std::string& text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}, {"…", "..."}});
  // A line that begins with a dot or an apostrophe would be a request.
  if (!escaped.empty() && (escaped[0] == '.' || escaped[0] == '\'')) escaped.insert(0, "\\&");
  return escaped + "\n";
}

std::string TroffFlags(const std::vector<FlagManual>& flags) {
  std::string text;
  for (const FlagManual& flag : flags) {
    text += ".TP\n.B " + Roff(HeadingOf(flag)) + Roff(flag.help);
  }
  return text;
}

std::string TroffDetails(const std::string& details) {
  std::string text;
  for (const Block& block : BlocksOf(details)) {
    if (block.lines.empty()) continue;
    text += block.verbatim ? ".PP\n.RS 4\n.nf\n" : ".PP\n";
    for (const std::string& line : block.lines) text += Roff(line);
    if (block.verbatim) text += ".fi\n.RE\n";
  }
  return text;
}

std::string TroffCommand(const CommandManual& command) {
  std::string text =
      ".SS " + Roff(UsageOf(command)) + Roff(command.summary + ".") + TroffFlags(command.arguments);
  std::vector<FlagManual> own;
  for (const FlagManual& flag : command.flags) {
    if (!IsShared(flag)) own.push_back(flag);
  }
  return text + TroffFlags(own) + TroffDetails(command.details);
}

}  // namespace

std::string MarkdownOf(const CommandManual& program) {
  std::string text = "# Command line reference\n\n" + program.summary +
                     ".\n\nMade by `snapledger help --markdown` from what the commands declare; "
                     "the [guide](cli.md) has the map.\n";
  text += MarkdownDetails(program.details);
  text += std::string("\n") + kExitCodes + "\n";
  text += "\n| command | |\n|---|---|\n";
  for (const CommandManual* const command : AllCommands(program)) {
    if (!command->subcommands.empty()) continue;
    const std::string anchor =
        absl::AsciiStrToLower(absl::StrReplaceAll(command->path, {{" ", "-"}}));
    text += "| [`" + command->path + "`](#" + anchor + ") | " + Cell(command->summary) + " |\n";
  }
  text += "\n## Flags of a call\n\nOf every command that calls the service.\n" +
          MarkdownTable(SharedFlags(program));
  for (const CommandManual* const command : AllCommands(program)) {
    if (command->subcommands.empty()) text += MarkdownCommand(*command);
  }
  return text;
}

std::string TroffOf(const CommandManual& program) {
  std::string text = ".TH SNAPLEDGER 1\n.SH NAME\n" +
                     Roff(absl::StrReplaceAll(program.summary, {{": ", " - "}})) +
                     ".SH SYNOPSIS\n" + Roff(UsageOf(program)) + ".SH DESCRIPTION\n";
  text += TroffDetails(program.details) + ".SH EXIT STATUS\n" + Roff(kExitCodes);
  text += ".SH FLAGS OF A CALL\nOf every command that calls the service.\n" +
          TroffFlags(SharedFlags(program)) + ".SH COMMANDS\n";
  for (const CommandManual* const command : AllCommands(program)) {
    if (command->subcommands.empty()) text += TroffCommand(*command);
  }
  return text;
}

}  // namespace snapledger::cli
