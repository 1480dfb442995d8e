#include "tests/services/event/snap_event_comparison.h"

#include <cstdlib>
#include <string>
#include <string_view>

namespace snapledger::event {
namespace {

using rapidjson::Document;
using rapidjson::Value;
using Allocator = Document::AllocatorType;

Value TextValue(std::string_view text, Allocator& allocator) {
  return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator);
}

void MakeArray(const char* name, Value* object, Allocator& allocator) {
  if (!object->HasMember(name) || (*object)[name].IsArray()) return;
  Value array(rapidjson::kArrayType);
  array.PushBack(Value((*object)[name], allocator), allocator);
  (*object)[name] = array;
}

void SplitList(const char* name, Value* object, Allocator& allocator) {
  if (!object->HasMember(name) || !(*object)[name].IsString()) return;
  const std::string text = (*object)[name].GetString();
  Value array(rapidjson::kArrayType);
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    array.PushBack(TextValue(std::string_view(text).substr(begin, comma - begin), allocator),
                   allocator);
    begin = comma + 1;
  }
  (*object)[name] = array;
}

void MakeNumber(const char* name, Value* object) {
  if (!object->HasMember(name)) return;
  Value& value = (*object)[name];
  value.SetDouble(value.IsString() ? std::strtod(value.GetString(), nullptr) : value.GetDouble());
}

void CanonicaliseCustomData(Value* custom, Allocator& allocator) {
  for (const char* name : {"value", "num_items"}) MakeNumber(name, custom);
  for (const char* name : {"content_ids", "brands", "content_category"}) {
    SplitList(name, custom, allocator);
  }
  if (!custom->HasMember("contents")) return;
  for (auto& item : (*custom)["contents"].GetArray()) {
    for (const char* name : {"quantity", "item_price"}) MakeNumber(name, &item);
  }
}

void Canonicalise(Document* event) {
  Allocator& allocator = event->GetAllocator();
  event->RemoveMember("integration");
  event->RemoveMember("event_time");
  if (event->HasMember("user_data")) {
    Value& user = (*event)["user_data"];
    user.RemoveMember("db");
    for (const char* name :
         {"em", "ph", "fn", "ln", "ge", "ct", "st", "zp", "country", "external_id"}) {
      MakeArray(name, &user, allocator);
    }
  }
  if (event->HasMember("custom_data")) {
    CanonicaliseCustomData(&(*event)["custom_data"], allocator);
  }
  if (event->HasMember("data_processing_options")) {
    for (auto& option : (*event)["data_processing_options"].GetArray()) {
      if (std::string_view(option.GetString()) == "LDU") option = TextValue("LMU", allocator);
    }
  }
  if (event->HasMember("app_data") &&
      (*event)["app_data"].HasMember("advertiser_tracking_enabled")) {
    Value& flag = (*event)["app_data"]["advertiser_tracking_enabled"];
    if (flag.IsBool()) flag.SetInt(flag.GetBool() ? 1 : 0);
  }
}

bool IsBlank(const Value& slots) {
  for (const auto& slot : slots.GetArray()) {
    if (slot.GetStringLength() != 0) return false;
  }
  return true;
}

// What we always send on app events and the vectors may leave out.
void DropAppDefaults(const Document& expected, Document* actual) {
  if (!actual->HasMember("app_data")) return;
  Value& app = (*actual)["app_data"];
  const auto expects = [&](const char* name) {
    return expected.HasMember("app_data") && expected["app_data"].HasMember(name);
  };
  if (!expects("advertiser_tracking_enabled") && app.HasMember("advertiser_tracking_enabled") &&
      app["advertiser_tracking_enabled"].GetInt() == 0) {
    app.RemoveMember("advertiser_tracking_enabled");
  }
  if (!expects("extinfo") && app.HasMember("extinfo") && IsBlank(app["extinfo"])) {
    app.RemoveMember("extinfo");
  }
}

bool Contains(const Value& actual, const Value& expected) {
  if (!expected.IsObject()) return actual == expected;
  if (!actual.IsObject()) return false;
  for (const auto& member : expected.GetObject()) {
    if (!actual.HasMember(member.name) || !Contains(actual[member.name], member.value)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool SameSnapEvent(Document* expected, Document* actual, bool subset) {
  Canonicalise(expected);
  Canonicalise(actual);
  DropAppDefaults(*expected, actual);
  if (!expected->HasMember("event_id")) actual->RemoveMember("event_id");
  if (!expected->HasMember("event_source_url")) actual->RemoveMember("event_source_url");
  return subset ? Contains(*actual, *expected) : *actual == *expected;
}

}  // namespace snapledger::event
