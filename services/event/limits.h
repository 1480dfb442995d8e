#pragma once

#include <cstddef>

namespace snapledger::event {

// The sizes an event may have; docs/event-rules.md lists them for callers. Bytes of UTF-8 unless
// the name says characters.
inline constexpr size_t kEventBytesMax = 64 * 1024;
inline constexpr size_t kEventIdBytesMax = 128;
inline constexpr size_t kCustomNameCharactersMax = 64;
inline constexpr size_t kSourceCharactersMax = 64;
inline constexpr size_t kUrlBytesMax = 4096;
inline constexpr size_t kIdentifierBytesMax = 512;  // one raw or hashed value
inline constexpr size_t kIdentifiersPerFieldMax = 100;
inline constexpr size_t kUserAgentBytesMax = 2048;
inline constexpr size_t kPlainIdBytesMax = 512;  // click id, cookie, ad id and their like
inline constexpr size_t kOrderIdBytesMax = 256;
inline constexpr size_t kTextBytesMax = 1024;   // names, categories, ids in custom and app data
inline constexpr size_t kListValuesMax = 1000;  // content ids, contents, brands and their like
inline constexpr size_t kCustomFieldsMax = 100;
inline constexpr size_t kExtraBytesMax = 16 * 1024;
inline constexpr size_t kExtinfoSlots = 16;
inline constexpr size_t kDecimalBytesMax = 40;
inline constexpr size_t kFindingsMax = 100;  // violations told of one event; warnings alike

}  // namespace snapledger::event
