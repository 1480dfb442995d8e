#include "services/cli/completion.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace snapledger::cli {
namespace {

// The answers are in REPLY: the words to choose from, or that a path is wanted, or neither.
constexpr char kBashEnd[] = R"(
  # A list of words with commas between them: its last word is the one to complete.
  local before=
  if [[ -n $words && $current == *,* ]]; then
    before=${current%,*},
    current=${current##*,}
  fi
  local IFS=$'\n' match
  if [[ -n $paths && -n ${ZSH_VERSION-} ]]; then
    # The compgen of zsh knows the paths of the current folder only.
    for match in "$current"*; do
      [[ ! -e $match ]] || COMPREPLY+=("$match")
    done
  elif [[ -n $paths ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen $paths -- "$current"))
  else
    COMPREPLY=($(compgen -P "$before" -W "${words// /$'\n'}" -- "$current"))
  fi
}
complete -F _snapledger snapledger
)";

constexpr char kBashBegin[] = R"(
_snapledger() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=snapledger words= paths= position
  # --flag=value comes as three words.
  if [[ $current == '=' ]]; then
    current=
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((position = 1; position < COMP_CWORD; ++position)); do
    case "$command ${COMP_WORDS[position]}" in
      @COMMANDS@) command+=" ${COMP_WORDS[position]}" ;;
    esac
  done
)";

bool TakesPath(const FlagManual& flag) {
  return flag.placeholder == "FILE" || flag.placeholder == "DIR" ||
         (flag.argument && flag.spellings.front() == "FILE");
}

// compgen's option for the paths a flag takes.
const char* PathsOf(const FlagManual& flag) { return flag.placeholder == "DIR" ? "-d" : "-f"; }

std::string Quoted(const std::string& text) { return "'" + text + "'"; }

std::vector<std::string> FlagSpellings(const CommandManual& command) {
  std::vector<std::string> spellings;
  for (const FlagManual& flag : command.flags) {
    for (const std::string& spelling : flag.spellings) spellings.push_back(spelling);
  }
  spellings.push_back("--help");
  return spellings;
}

std::string LastWord(const std::string& path) { return path.substr(path.rfind(' ') + 1); }

// What stands in the place of a word that is no flag: a subcommand, or the first argument.
std::string BashPlain(const CommandManual& command) {
  std::vector<std::string> words;
  for (const CommandManual& subcommand : command.subcommands) {
    words.push_back(LastWord(subcommand.path));
  }
  for (const FlagManual& argument : command.arguments) {
    if (TakesPath(argument)) return absl::StrCat("paths=", PathsOf(argument));
    words.insert(words.end(), argument.words.begin(), argument.words.end());
  }
  return absl::StrCat("words='", absl::StrJoin(words, " "), "'");
}

std::string BashCommand(const CommandManual& command) {
  std::string text;
  for (const FlagManual& flag : command.flags) {
    if (flag.placeholder.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& spelling : flag.spellings) {
      patterns.push_back(Quoted(command.path + " " + spelling));
    }
    std::string answer = ";;";
    if (!flag.words.empty()) {
      answer = absl::StrCat("words='", absl::StrJoin(flag.words, " "), "' ;;");
    } else if (TakesPath(flag)) {
      answer = absl::StrCat("paths=", PathsOf(flag), " ;;");
    }
    absl::StrAppend(&text, "    ", absl::StrJoin(patterns, " | "), ") ", answer, "\n");
  }
  // After the values of its flags: what else may come.
  absl::StrAppend(&text, "    ", Quoted(command.path + " "), "*)\n",
                  "      if [[ $current == -* ]]; ", "then words='",
                  absl::StrJoin(FlagSpellings(command), " "), "'; else ", BashPlain(command),
                  "; fi\n      ;;\n");
  return text;
}

std::string BashFunction(const CommandManual& program) {
  std::vector<std::string> paths;
  std::string cases;
  for (const CommandManual* const command : AllCommands(program)) {
    if (command != &program) paths.push_back(Quoted(command->path));
    // The longest path first: that of a group is the beginning of its commands'.
    cases = BashCommand(*command) + cases;
  }
  return absl::StrCat(
      absl::StrReplaceAll(kBashBegin, {{"@COMMANDS@", absl::StrJoin(paths, " | ")}}),
      "  case \"$command $previous\" in\n", cases, "  esac", kBashEnd);
}

std::string FishQuoted(const std::string& text) {
  return "'" + absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}) + "'";
}

// Holds where `path` is the command that is being written.
std::string FishCondition(const CommandManual& command) {
  std::vector<std::string> words;
  for (const CommandManual& subcommand : command.subcommands) {
    words.push_back(LastWord(subcommand.path));
  }
  std::string condition = absl::StrCat("__snapledger_at ", Quoted(command.path));
  if (!words.empty()) {
    absl::StrAppend(&condition, "; and not __fish_seen_subcommand_from ",
                    absl::StrJoin(words, " "));
  }
  return FishQuoted(condition);
}

std::string FishFlag(const FlagManual& flag, const std::string& condition) {
  std::string line = absl::StrCat("complete -c snapledger -n ", condition);
  for (const std::string& spelling : flag.spellings) {
    const bool is_long = absl::StartsWith(spelling, "--");
    absl::StrAppend(&line, is_long ? " -l " : " -s ", spelling.substr(is_long ? 2 : 1));
  }
  if (!flag.placeholder.empty()) absl::StrAppend(&line, TakesPath(flag) ? " -r -F" : " -x");
  if (!flag.words.empty()) {
    absl::StrAppend(&line, " -a ", FishQuoted(absl::StrJoin(flag.words, " ")));
  }
  return absl::StrCat(line, " -d ", FishQuoted(flag.help), "\n");
}

constexpr char kFishBegin[] = R"(
# Whether the words so far begin with those of the command.
function __snapledger_at
    set -l path (string split ' ' -- $argv[1])
    set -l words (commandline -opc)
    set -l depth (count $path)
    test (count $words) -ge $depth; and test "$words[1..$depth]" = "$path"
end
complete -c snapledger -f
)";

std::string FishScript(const CommandManual& program) {
  std::string text = kFishBegin;
  for (const CommandManual* const command : AllCommands(program)) {
    const std::string condition = FishCondition(*command);
    for (const CommandManual& subcommand : command->subcommands) {
      absl::StrAppend(&text, "complete -c snapledger -n ", condition, " -a ",
                      LastWord(subcommand.path), " -d ", FishQuoted(subcommand.summary), "\n");
    }
    for (const FlagManual& argument : command->arguments) {
      const std::string words = absl::StrJoin(argument.words, " ");
      const std::string what = TakesPath(argument) ? "-F" : "-a " + FishQuoted(words);
      if (!TakesPath(argument) && words.empty()) continue;
      absl::StrAppend(&text, "complete -c snapledger -n ", condition, " ", what, "\n");
    }
    for (const FlagManual& flag : command->flags) text += FishFlag(flag, condition);
  }
  return text;
}

}  // namespace

std::string CompletionScript(const CommandManual& program, Shell shell) {
  constexpr char kBash[] = "# Completion of snapledger for bash.";
  // zsh runs bash's function, by the part it has for that.
  constexpr char kZsh[] =
      "#compdef snapledger\n# Completion of snapledger for zsh.\n"
      "autoload -U +X compinit bashcompinit\n(( $+functions[compdef] )) || compinit\n"
      "bashcompinit";
  switch (shell) {
    case Shell::kBash:
      return kBash + BashFunction(program);
    case Shell::kZsh:
      return kZsh + BashFunction(program);
    case Shell::kFish:
      return "# Completion of snapledger for fish." + FishScript(program);
  }
  return "";
}

}  // namespace snapledger::cli
