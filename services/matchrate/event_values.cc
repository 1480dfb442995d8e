#include "services/matchrate/event_values.h"

#include <rapidjson/document.h>

#include <array>

#include "services/base/text.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;

struct Member {
  IdentifierKind kind;
  const char* name;
};
constexpr Member kMembers[] = {
    {IdentifierKind::kEmail, "em"},           {IdentifierKind::kPhone, "ph"},
    {IdentifierKind::kMobileAdId, "madid"},   {IdentifierKind::kClickId, "sc_click_id"},
    {IdentifierKind::kCookie1, "sc_cookie1"}, {IdentifierKind::kExternalId, "external_id"},
    {IdentifierKind::kFirstName, "fn"},       {IdentifierKind::kLastName, "ln"},
    {IdentifierKind::kGender, "ge"},          {IdentifierKind::kCity, "ct"},
    {IdentifierKind::kState, "st"},           {IdentifierKind::kZip, "zp"},
    {IdentifierKind::kCountry, "country"},    {IdentifierKind::kIdfv, "idfv"}};

const rapidjson::Value* Find(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view TextOf(const rapidjson::Value* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

void AppendValues(IdentifierKind kind, const rapidjson::Value* member,
                  std::vector<IdentifierValue>* values) {
  const auto append = [&](const rapidjson::Value* text) {
    if (!TextOf(text).empty()) values->push_back({kind, std::string(TextOf(text))});
  };
  if (member == nullptr || !member->IsArray()) return append(member);
  for (const rapidjson::Value& one : member->GetArray()) append(&one);
}

}  // namespace

std::optional<EventValues> ReadEventValues(std::string_view snap_event) {
  // Every event is read here once more: in place, and without an allocation where it is of common
  // size.
  using Allocator = rapidjson::MemoryPoolAllocator<>;
  std::array<char, 8192> value_memory;
  std::array<char, 4096> stack_memory;
  Allocator values(value_memory.data(), value_memory.size());
  Allocator stack(stack_memory.data(), stack_memory.size());
  std::string text(snap_event);
  rapidjson::GenericDocument<rapidjson::UTF8<>, Allocator, Allocator> event(
      &values, stack_memory.size() / 2, &stack);
  event.ParseInsitu(text.data());
  if (event.HasParseError() || !event.IsObject()) return std::nullopt;
  EventValues read;
  if (const rapidjson::Value* const user = Find(event, "user_data");
      user != nullptr && user->IsObject()) {
    const std::string_view address = TextOf(Find(*user, "client_ip_address"));
    const std::string_view agent = TextOf(Find(*user, "client_user_agent"));
    for (const Member& member : kMembers) {
      if (member.kind == IdentifierKind::kClickId && !address.empty() && !agent.empty()) {
        read.values.push_back(
            {IdentifierKind::kIpAndUserAgent, base::Concat(address, "\n", agent)});
      }
      AppendValues(member.kind, Find(*user, member.name), &read.values);
    }
  }
  if (const rapidjson::Value* const custom = Find(event, "custom_data");
      custom != nullptr && custom->IsObject()) {
    read.order_id = TextOf(Find(*custom, "order_id"));
  }
  return read;
}

}  // namespace snapledger::matchrate
