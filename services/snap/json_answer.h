#pragma once

#include <rapidjson/document.h>

#include <string_view>

namespace snapledger::snap {

// Reads the body of an answer into `document`; false where it is not one JSON object. Deep nesting
// is harmless. Pure.
bool ParseAnswer(std::string_view body, rapidjson::Document* document);

// A member of `object`; null where it is no object or has none by that name.
const rapidjson::Value* Find(const rapidjson::Value& object, const char* name);

// Of a value that is a string.
std::string_view TextOf(const rapidjson::Value& value);

}  // namespace snapledger::snap
