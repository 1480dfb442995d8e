#include <algorithm>
#include <fstream>

#include "absl/status/statusor.h"
#include "services/base/text.h"
#include "tests/checker/checks.h"

namespace snapledger::checker {
namespace {

// Shorter ones would be found by chance.
constexpr size_t kPlantedLengthMin = 6;

// The attempt that a request belongs to, as far as its body tells.
const AttemptFacts* AttemptOf(const Evidence& evidence, const Books& books,
                              const RequestFacts& request) {
  if (!request.has_body) return nullptr;
  const absl::Span<const uint32_t> attempts = books.AttemptsWithBody(request.body);
  return attempts.empty() ? nullptr : &evidence.attempts[attempts[0]];
}

bool IsTokenOf(const DestinationFacts& destination, const Sha256Bytes& token) {
  return std::any_of(destination.tokens.begin(), destination.tokens.end(),
                     [&token](const auto& known) { return known.second == token; });
}

// Tokens that were dropped since are not known any more: then it must be nobody else's at least.
bool MayUseToken(const Evidence& evidence, const Books& books, const RequestFacts& request) {
  const DestinationFacts& destination = evidence.destinations[request.destination];
  if (IsTokenOf(destination, request.token)) return true;
  const AttemptFacts* const attempt = AttemptOf(evidence, books, request);
  if (attempt != nullptr && destination.tokens.contains(attempt->token_id)) return false;
  return std::none_of(
      evidence.destinations.begin(), evidence.destinations.end(),
      [&request](const DestinationFacts& other) { return IsTokenOf(other, request.token); });
}

void CheckRequest(const Evidence& evidence, const Books& books, const RequestFacts& request,
                  Report* report) {
  if (request.destination < 0) {
    return report->Violation(15,
                             "for an asset that is no destination: " + Describe(evidence, request));
  }
  const AttemptFacts* const attempt = AttemptOf(evidence, books, request);
  if (attempt != nullptr &&
      evidence.destination_of_shard.at(attempt->shard) != request.destination) {
    report->Violation(15, base::Concat(Describe(evidence, request), " carried to another asset ",
                                       Describe(*attempt)));
  }
  if (!request.has_token || !MayUseToken(evidence, books, request)) {
    report->Violation(15, "without a live token of its asset: " + Describe(evidence, request));
  }
}

struct PlantedValue {
  int line = 0;
  std::string value;
};

absl::StatusOr<std::vector<PlantedValue>> ReadPlanted(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError("cannot read " + path);
  std::vector<PlantedValue> planted;
  std::string value;
  for (int line = 1; std::getline(file, value); ++line) {
    if (value.empty()) continue;
    if (value.size() < kPlantedLengthMin) {
      return absl::InvalidArgumentError(base::Concat(path, ":", line, ": a planted value has ",
                                                     kPlantedLengthMin, " characters at least"));
    }
    planted.push_back({line, value});
  }
  return planted;
}

// Names the values by their lines, never by what they are.
void Search(const std::string& text, const std::vector<PlantedValue>& planted,
            const std::string& place, Report* report) {
  for (const PlantedValue& one : planted) {
    if (text.find(one.value) == std::string::npos) continue;
    report->Violation(15, base::Concat(place, " has the planted value of line ", one.line));
  }
}

absl::Status CheckTexts(const Evidence& evidence, const CheckOptions& options, Report* report) {
  const absl::StatusOr<std::vector<PlantedValue>> planted = ReadPlanted(options.planted_file);
  if (!planted.ok()) return planted.status();
  int64_t lines = 0;
  for (const std::string& path : options.logs) {
    std::ifstream file(path);
    if (!file) return absl::NotFoundError("cannot read " + path);
    std::string text;
    for (int64_t number = 1; std::getline(file, text); ++number, ++lines) {
      Search(text, *planted, base::Concat(path, ":", number), report);
    }
  }
  for (const std::string& text : evidence.texts) {
    Search(text, *planted, "an error or reason in the database", report);
  }
  report->Checked(15, lines, "lines of logs");
  report->Checked(15, static_cast<int64_t>(evidence.texts.size()), "texts of the database");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSecrets(const Evidence& evidence, const Books& books, const CheckOptions& options,
                          Report* report) {
  if (evidence.journals.empty()) {
    report->NotChecked(15, "no --journal");
  }
  for (const RequestFacts& request : evidence.requests) {
    CheckRequest(evidence, books, request, report);
  }
  for (const Arrival& arrival : evidence.arrivals) {
    const EventFacts& event = evidence.events[arrival.event];
    if (event.stored || event.destination < 0) continue;
    report->Violation(15, base::Concat(Describe(evidence, event),
                                       " arrived at an asset that it is ", "not stored for, in ",
                                       Describe(evidence, evidence.requests[arrival.request])));
  }
  report->Checked(15, static_cast<int64_t>(evidence.requests.size()), "requests");
  if (options.planted_file.empty() || options.logs.empty()) {
    report->Note(15, "leaks are not looked for: that takes --planted and --log or --metrics");
    return absl::OkStatus();
  }
  return CheckTexts(evidence, options, report);
}

}  // namespace snapledger::checker
