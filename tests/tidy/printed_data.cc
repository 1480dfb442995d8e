#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/text.h"
#include "tests/tidy/checks.h"
#include "tests/tidy/code_text.h"
#include "tests/tidy/folder_rules.h"

namespace snapledger::tidy {
namespace {

constexpr std::string_view kLogHeader = "services/base/log.h";

// What writes a message whole, field by field.
constexpr std::string_view kMessageText[] = {"DebugString", "ShortDebugString", "Utf8DebugString",
                                             "TextFormat", "PrintDebugString"};

// A type that prints itself, or a way of its own into a log line.
constexpr std::string_view kPrinters[] = {"AbslStringify", "AbslFormatConvert", "PrintTo"};

// Who may see a secret's value, and why.
struct Reader {
  std::string_view path;
  std::string_view reason;
};
constexpr Reader kSecretReaders[] = {
    {"services/base/secret.h", "defines it"},
    {"services/query/page_token.cc", "the key signs the token"},
    {"services/security/blind_index.cc", "the key of the lookup"},
    {"services/security/envelope.cc", "the key of the payloads"},
    {"services/security/key_wrap.cc", "keys and tokens are wrapped by a key"},
    {"services/snap/curl_connection.cc", "the token is cut out of answers that quote it"},
    {"services/snap/curl_handle.cc", "the token goes into the request"},
    {"services/destinations/destination_admin.cc", "a token may be one that is live already"},
    {"services/snap/curl_quality_client.cc", "the token goes into the request"},
};

bool IsSecretReader(std::string_view path) {
  return std::any_of(std::begin(kSecretReaders), std::end(kSecretReaders),
                     [path](const Reader& reader) { return reader.path == path; });
}

// Who may write to a terminal: the programs and the command line.
const std::vector<std::string_view> kConsoleUsers = {"services/app/", "services/bench/",
                                                     "services/cli/", "services/emulator/main.cc"};
constexpr std::string_view kConsole[] = {"std::cout", "std::cerr", "std::clog", "stdout",
                                         "printf",    "fprintf",   "puts",      "perror",
                                         "FPrintF",   "PrintF",    "syslog"};

bool IsService(const SourceFile& file) {
  return file.IsCpp() && (file.Under("services/") || file.Under("storage/"));
}

void AddForWord(const SourceFile& file, std::string_view word, std::string_view text,
                Findings* findings) {
  for (const size_t at : FindWords(file.code, word)) {
    findings->push_back({file.path, LineAt(file.code, at), std::string(text)});
  }
}

// The fields of a struct, by its text: the words right before a comma or semicolon.
std::vector<std::string> FieldsOf(std::string_view code, std::string_view type) {
  std::vector<std::string> fields;
  const size_t at = FindWord(code, base::Concat("struct ", type));
  const size_t open = code.find('{', at);
  if (at == std::string_view::npos || open == std::string_view::npos) return fields;
  for (std::string_view part : Split(Bracketed(code, open), ",;")) {
    part = Stripped(part);
    const size_t begin = part.find_last_of(" \n");
    if (!part.empty()) fields.emplace_back(part.substr(begin + 1));
  }
  return fields;
}

// The names that mean a person's data or what is made of it, wherever they stand: the fields of the
// event itself, so that a new one is on the list at once.
std::vector<std::string> PersonalFields(const SourceTree& tree) {
  std::vector<std::string> fields = {"payload", "token", "access_token", "request_body", "digest"};
  for (const SourceFile& file : tree) {
    if (file.path != "services/event/conversion_event.h") continue;
    for (std::string& field : FieldsOf(file.code, "UserData")) fields.push_back(std::move(field));
  }
  // A delivery has a state too, and a number of a region is none of a person.
  fields.erase(std::remove(fields.begin(), fields.end(), "state"), fields.end());
  return fields;
}

// `field` as a member: after a dot, an arrow, or before a call's bracket.
bool NamesMember(std::string_view arguments, std::string_view field) {
  for (const size_t at : FindWords(arguments, field)) {
    if (at > 0 && (arguments[at - 1] == '.' || arguments[at - 1] == '>')) return true;
    const size_t end = at + field.size();
    if (end == arguments.size() || arguments[end] == ',' || arguments[end] == '}') return true;
  }
  return false;
}

// The call's second argument must be a constant: what varies would carry data past the fields.
bool MessageIsConstant(std::string_view arguments) {
  const size_t comma = arguments.find(", ");
  const size_t newline = arguments.find(",\n");
  const size_t at = std::min(comma, newline);
  if (at == std::string_view::npos) return true;
  const std::string_view message = Stripped(arguments.substr(at + 1));
  // `ready ? "…" : "…"` is constant as well.
  return message.starts_with('"') || Contains(message.substr(0, message.find('"')), " ?");
}

void CheckLogCall(const SourceFile& file, size_t open, const std::vector<std::string>& personal,
                  Findings* findings) {
  const std::string_view arguments = Bracketed(file.code, open);
  const int line = LineAt(file.code, open);
  if (!MessageIsConstant(arguments)) {
    findings->push_back({file.path, line,
                         "a log line's message is made up; write a constant sentence and give what "
                         "varies as fields"});
  }
  for (const std::string& field : personal) {
    if (!NamesMember(arguments, field)) continue;
    findings->push_back({file.path, line,
                         base::Concat("logs ", field,
                                      ", which is a person's data or a secret; log "
                                      "an id or a count instead")});
  }
}

}  // namespace

Findings CheckPrintingOperators(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!IsService(file)) continue;
    for (const std::string_view word : kMessageText) {
      AddForWord(file, word,
                 base::Concat(word,
                              " shows every field of a message; name the fields"
                              " that may be shown"),
                 &findings);
    }
    for (const std::string_view word : kPrinters) {
      AddForWord(file, word,
                 base::Concat(word,
                              " lets a type print itself; give its caller a name"
                              " or an id to print"),
                 &findings);
    }
    for (const size_t at : FindWords(file.code, "operator")) {
      if (!std::string_view(file.code).substr(at).starts_with("operator<<")) continue;
      findings.push_back({file.path, LineAt(file.code, at),
                          "operator<< lets a type print itself; give its caller a name or an id to"
                          " print"});
    }
  }
  return findings;
}

Findings CheckRevealedSecrets(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!IsService(file) || IsSecretReader(file.path)) continue;
    AddForWord(
        file, "Reveal",
        "reads a secret's value; pass the base::Secret on, or add the file and its reason to "
        "tests/tidy/printed_data.cc",
        &findings);
  }
  return findings;
}

Findings CheckLoggedValues(const SourceTree& tree) {
  const std::vector<std::string> personal = PersonalFields(tree);
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!IsService(file) || file.Under("services/base/log.")) continue;
    for (const size_t open : FindCalls(file.code, "Log")) {
      CheckLogCall(file, open, personal, &findings);
    }
    AddForWord(file, "LogField",
               base::Concat("a LogField outside a call of Log(); the types that can be logged are "
                            "those of ",
                            kLogHeader),
               &findings);
  }
  return findings;
}

Findings CheckConsoleOutput(const SourceTree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!IsService(file) || StartsWithAny(file.path, kConsoleUsers)) continue;
    for (const std::string_view word : kConsole) {
      AddForWord(file, word, base::Concat(word, " in the service; use base::Log"), &findings);
    }
  }
  return findings;
}

}  // namespace snapledger::tidy
