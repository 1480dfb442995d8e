#include "services/event/decimal.h"

#include "services/event/limits.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

std::string_view TakeDigits(std::string_view* text) {
  size_t count = 0;
  while (count < text->size() && (*text)[count] >= '0' && (*text)[count] <= '9') ++count;
  const std::string_view digits = text->substr(0, count);
  text->remove_prefix(count);
  return digits;
}

std::string_view WithoutLeadingZeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace

DecimalProblem NormalizeDecimal(std::string_view text, std::string* number) {
  number->clear();
  text = TrimWhitespace(text);
  if (text.size() > kDecimalBytesMax) return DecimalProblem::kTooLong;
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  const std::string_view whole = TakeDigits(&text);
  std::string_view fraction;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = TakeDigits(&text);
  }
  if (!text.empty() || (whole.empty() && fraction.empty())) return DecimalProblem::kMalformed;
  if (negative) return DecimalProblem::kNegative;
  number->append(whole.empty() ? "0" : WithoutLeadingZeros(whole));
  if (!fraction.empty()) number->append(".").append(fraction);
  return DecimalProblem::kNone;
}

std::string_view WithoutTrailingZeros(std::string_view number) {
  if (number.find('.') == std::string_view::npos) return number;
  while (number.back() == '0') number.remove_suffix(1);
  if (number.back() == '.') number.remove_suffix(1);
  return number;
}

}  // namespace snapledger::event
