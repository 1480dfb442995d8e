// What tests/tidy reads in the text, the compiler confirms: the types that hold a person's data or
// a secret fit nowhere where text is made of a value.

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "services/base/log.h"
#include "services/base/secret.h"
#include "services/event/conversion_event.h"
#include "services/event/raw_event.h"

namespace snapledger::tidy {
namespace {

template <typename Value>
concept Streamable = requires(std::ostream& out, const Value& value) {
  out << value;
};

template <typename Value>
concept Printable = Streamable<Value> || std::is_convertible_v<const Value&, std::string_view> ||
    std::is_convertible_v<const Value&, std::string> ||
    std::is_convertible_v<const Value&, absl::AlphaNum> ||
    std::is_constructible_v<base::LogField, std::string_view, const Value&>;

static_assert(Printable<std::string> && Printable<int>);

static_assert(!Printable<base::Secret>);

static_assert(!Printable<event::RawEvent>);
static_assert(!Printable<event::RawUserData>);
static_assert(!Printable<event::RawIdentifier>);
static_assert(!Printable<event::RawCustomData>);
static_assert(!Printable<event::RawAppData>);

static_assert(!Printable<event::ConversionEvent>);
static_assert(!Printable<event::UserData>);
static_assert(!Printable<event::CustomData>);
static_assert(!Printable<event::AppData>);
static_assert(!Printable<event::Sha256Digest>);

TEST(UnprintableTypesTest, IsSettledWhenItCompiles) { SUCCEED(); }

}  // namespace
}  // namespace snapledger::tidy
