#include "services/event/places.h"

#include <unicode/locid.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "services/event/text.h"

namespace snapledger::event {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// What ICU does not name in this way.
constexpr std::array<Pair, 42> kOtherCountryNames = {{
    {"uk", "gb"},
    {"greatbritain", "gb"},
    {"britain", "gb"},
    {"england", "gb"},
    {"scotland", "gb"},
    {"wales", "gb"},
    {"northernireland", "gb"},
    {"unitedkingdomofgreatbritainandnorthernireland", "gb"},
    {"unitedstatesofamerica", "us"},
    {"theunitedstates", "us"},
    {"america", "us"},
    {"el", "gr"},
    {"xk", "xk"},
    {"kosovo", "xk"},
    {"korea", "kr"},
    {"republicofkorea", "kr"},
    {"russianfederation", "ru"},
    {"uae", "ae"},
    {"ksa", "sa"},
    {"kingdomofsaudiarabia", "sa"},
    {"czechrepublic", "cz"},
    {"holland", "nl"},
    {"thenetherlands", "nl"},
    {"vietnam", "vn"},
    {"ivorycoast", "ci"},
    {"burma", "mm"},
    {"swaziland", "sz"},
    {"macedonia", "mk"},
    {"capeverde", "cv"},
    {"easttimor", "tl"},
    {"turkey", "tr"},
    {"turkiye", "tr"},
    {"hongkong", "hk"},
    {"macau", "mo"},
    {"macao", "mo"},
    {"palestine", "ps"},
    {"iranislamicrepublicof", "ir"},
    {"syrianarabrepublic", "sy"},
    {"taiwanprovinceofchina", "tw"},
    {"bolivarianrepublicofvenezuela", "ve"},
    {"brasil", "br"},
    {"congo", "cg"},
}};

// Sorted by name.
constexpr std::array<Pair, 58> kUsStates = {{
    {"alabama", "al"},
    {"alaska", "ak"},
    {"americansamoa", "as"},
    {"arizona", "az"},
    {"arkansas", "ar"},
    {"california", "ca"},
    {"colorado", "co"},
    {"connecticut", "ct"},
    {"delaware", "de"},
    {"districtofcolumbia", "dc"},
    {"florida", "fl"},
    {"georgia", "ga"},
    {"guam", "gu"},
    {"hawaii", "hi"},
    {"idaho", "id"},
    {"illinois", "il"},
    {"indiana", "in"},
    {"iowa", "ia"},
    {"kansas", "ks"},
    {"kentucky", "ky"},
    {"louisiana", "la"},
    {"maine", "me"},
    {"maryland", "md"},
    {"massachusetts", "ma"},
    {"michigan", "mi"},
    {"minnesota", "mn"},
    {"mississippi", "ms"},
    {"missouri", "mo"},
    {"montana", "mt"},
    {"nebraska", "ne"},
    {"nevada", "nv"},
    {"newhampshire", "nh"},
    {"newjersey", "nj"},
    {"newmexico", "nm"},
    {"newyork", "ny"},
    {"northcarolina", "nc"},
    {"northdakota", "nd"},
    {"northernmarianaislands", "mp"},
    {"ohio", "oh"},
    {"oklahoma", "ok"},
    {"oregon", "or"},
    {"pennsylvania", "pa"},
    {"puertorico", "pr"},
    {"rhodeisland", "ri"},
    {"southcarolina", "sc"},
    {"southdakota", "sd"},
    {"tennessee", "tn"},
    {"texas", "tx"},
    {"usvirginislands", "vi"},
    {"utah", "ut"},
    {"vermont", "vt"},
    {"virginia", "va"},
    {"virginislands", "vi"},
    {"washington", "wa"},
    {"washingtondc", "dc"},
    {"westvirginia", "wv"},
    {"wisconsin", "wi"},
    {"wyoming", "wy"},
}};

using CountryNames = std::map<std::string, std::string, std::less<>>;

// The first name given for a key stays: codes before English names before own names.
void AddName(std::string_view name, const std::string& code, CountryNames* names) {
  std::string key;
  KeepLettersAndDigits(name, &key);
  if (!key.empty()) names->emplace(std::move(key), code);
}

std::string DisplayName(const icu::Locale& country, const icu::Locale& language) {
  icu::UnicodeString name;
  country.getDisplayCountry(language, name);
  std::string utf8;
  name.toUTF8String(utf8);
  return utf8;
}

std::string OwnName(const icu::Locale& country) {
  icu::Locale likely("und", country.getCountry());
  UErrorCode status = U_ZERO_ERROR;
  likely.addLikelySubtags(status);
  return U_SUCCESS(status) ? DisplayName(country, likely) : std::string();
}

CountryNames MakeCountryNames() {
  CountryNames names;
  const char* const* const codes = uloc_getISOCountries();
  for (const char* const* code = codes; *code != nullptr; ++code) {
    const std::string lower = ToLowerAscii(*code);
    AddName(lower, lower, &names);
    AddName(icu::Locale("", *code).getISO3Country(), lower, &names);
  }
  for (const Pair& other : kOtherCountryNames) {
    names.emplace(std::string(other.first), std::string(other.second));
  }
  for (const char* const* code = codes; *code != nullptr; ++code) {
    const std::string lower = ToLowerAscii(*code);
    AddName(DisplayName(icu::Locale("", *code), icu::Locale::getEnglish()), lower, &names);
  }
  for (const char* const* code = codes; *code != nullptr; ++code) {
    AddName(OwnName(icu::Locale("", *code)), ToLowerAscii(*code), &names);
  }
  return names;
}

}  // namespace

std::string_view FindCountry(std::string_view name) {
  static const auto* const names = new CountryNames(MakeCountryNames());
  const auto found = names->find(name);
  return found == names->end() ? std::string_view() : std::string_view(found->second);
}

std::string_view FindUsState(std::string_view name) {
  const auto* const found =
      std::lower_bound(kUsStates.begin(), kUsStates.end(), name,
                       [](const Pair& state, std::string_view key) { return state.first < key; });
  return found != kUsStates.end() && found->first == name ? found->second : std::string_view();
}

}  // namespace snapledger::event
