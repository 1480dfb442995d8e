#include "services/bench/realistic_events.h"

#include <array>
#include <string_view>
#include <utility>

namespace snapledger::bench {
namespace {

constexpr std::array<std::string_view, 12> kFirstNames = {
    "Anna", "José",    "Zoë",  "Łukasz", "Βασιλική", "Дмитрий",
    "山田", "Siobhán", "محمد", "Nguyễn", "Åsa",      "Jean-Luc"};
constexpr std::array<std::string_view, 8> kLastNames = {
    "Müller", "O'Neil", "García López", "Œuvre", "Иванова", "田中", "van der Berg", "Smith"};
constexpr std::array<std::string_view, 6> kCities = {"München", "New York", "São Paulo",
                                                     "東京",    "Kraków",   "Lyon"};
constexpr std::array<std::string_view, 6> kCountries = {"DE", "us", "BR", "JP", "PL", "fr"};
constexpr std::array<std::string_view, 6> kStates = {"Bayern", "NY",          "SP",
                                                     "東京都", "małopolskie", "Rhône"};
constexpr std::array<std::string_view, 4> kProducts = {"Trail running shoe, men's, grey",
                                                       "Crème de jour 50 ml", "ワイヤレスイヤホン",
                                                       "Gutschein für zwei Personen"};
constexpr std::array<std::string_view, 4> kCategories = {"Shoes", "Beauty > Skin care",
                                                         "Electronics > Audio", "Gifts"};
constexpr std::array<std::string_view, 5> kCurrencies = {"USD", "EUR", "eur", "JPY", "GBP"};
constexpr std::array<std::string_view, 3> kUserAgents = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148"};
constexpr std::array<std::string_view, 4> kSources = {"checkout-web", "crm", "store-till",
                                                      "app-backend"};
// Country code and the first digits of numbers that its plan knows.
constexpr std::array<std::pair<std::string_view, int>, 7> kPhones = {
    std::pair{"+1 (415) 55", 5}, {"+44 20 7946 ", 4}, {"+49 30 90182", 4}, {"+33 1 42 68 ", 4},
    {"+81 3-3555-", 4},          {"+55 11 9", 8},     {"0048 22 55", 5}};

}  // namespace

RealisticEvents::RealisticEvents(uint64_t seed, std::string id_prefix, absl::Time now)
    : random_(seed), id_prefix_(std::move(id_prefix)), now_(now) {}

bool RealisticEvents::Chance(double probability) {
  return std::uniform_real_distribution<>(0, 1)(random_) < probability;
}

int RealisticEvents::Pick(int count) { return static_cast<int>(random_() % count); }

std::string RealisticEvents::Digits(int count) {
  std::string digits;
  for (int i = 0; i < count; ++i) digits.push_back(static_cast<char>('0' + Pick(10)));
  return digits;
}

std::string RealisticEvents::Hex(int count) {
  std::string digits;
  for (int i = 0; i < count; ++i) digits.push_back("0123456789abcdef"[Pick(16)]);
  return digits;
}

// There are more names than a list here could hold: most are one of it and some syllables.
std::string RealisticEvents::Varied(std::string_view name) {
  constexpr std::array<std::string_view, 12> kSyllables = {"an", "bel", "cor", "dé", "li", "mar",
                                                           "ny", "ro",  "sø",  "ta", "vi", "wen"};
  std::string varied(name);
  if (Chance(0.2)) return varied;
  varied += ' ';
  for (int i = 0; i < 3; ++i) varied += kSyllables[Pick(kSyllables.size())];
  return varied;
}

std::string RealisticEvents::Phone() {
  const auto& [prefix, digits] = kPhones[Pick(kPhones.size())];
  return std::string(prefix) + Digits(digits);
}

v1::ConversionEvent RealisticEvents::Base(v1::ActionSource action_source) {
  v1::ConversionEvent event;
  event.set_event_id(id_prefix_ + std::to_string(number_++));
  event.set_action_source(action_source);
  event.mutable_event_time()->set_seconds(absl::ToUnixSeconds(now_) - Pick(3600));
  return event;
}

void RealisticEvents::AddPerson(v1::UserData* user_data) {
  if (Chance(0.15)) {
    user_data->add_email()->set_sha256(Hex(64));
  } else {
    user_data->add_email()->set_raw(" Buyer." + Digits(9) + "@Example.com");
  }
  if (Chance(0.65)) user_data->add_phone()->set_raw(Phone());
  if (Chance(0.7)) {
    user_data->add_first_name()->set_raw(Varied(kFirstNames[Pick(kFirstNames.size())]));
    user_data->add_last_name()->set_raw(Varied(kLastNames[Pick(kLastNames.size())]));
  }
  if (Chance(0.55)) {
    const int place = Pick(kCities.size());
    user_data->add_city()->set_raw(Varied(kCities[place]));
    user_data->add_country()->set_raw(std::string(kCountries[place]));
    if (Chance(0.7)) user_data->add_state()->set_raw(std::string(kStates[place]));
    user_data->add_zip()->set_raw(Digits(5));
  }
  if (Chance(0.2)) user_data->add_gender()->set_raw(Chance(0.5) ? "f" : "Male");
  if (Chance(0.5)) user_data->add_external_id()->set_raw("customer-" + Digits(8));
}

void RealisticEvents::AddBrowser(v1::UserData* user_data) {
  user_data->set_client_user_agent(std::string(kUserAgents[Pick(kUserAgents.size())]));
  if (Chance(0.9)) {
    user_data->set_client_ip_address("203.0.113." + std::to_string(Pick(255)));
  }
  if (Chance(0.4)) user_data->set_click_id(Hex(8) + "-" + Hex(4) + "-AbC" + Hex(9));
  if (Chance(0.7)) {
    user_data->set_cookie1(Hex(8) + "-" + Hex(4) + "-4" + Hex(3) + "-a" + Hex(3) + "-" + Hex(12));
  }
}

void RealisticEvents::AddOrder(v1::StandardEvent name, v1::CustomData* custom_data) {
  custom_data->set_currency(std::string(kCurrencies[Pick(kCurrencies.size())]));
  custom_data->set_value(std::to_string(1 + Pick(900)) + "." + Digits(2));
  if (name == v1::STANDARD_EVENT_PURCHASE) {
    custom_data->set_order_id(id_prefix_ + "order-" + std::to_string(number_));
  }
  const int product = Pick(kProducts.size());
  custom_data->set_content_name(std::string(kProducts[product]));
  custom_data->add_content_category(std::string(kCategories[product]));
  custom_data->set_content_type("product");
  const int items = 1 + Pick(3);
  custom_data->set_num_items(items);
  for (int i = 0; i < items; ++i) {
    v1::Content* content = custom_data->add_contents();
    content->set_id("sku-" + Digits(5));
    content->set_quantity(1 + Pick(4));
    content->set_item_price(std::to_string(1 + Pick(300)) + ".99");
    content->set_brand("Example " + Digits(2));
    custom_data->add_content_ids(content->id());
  }
}

v1::ConversionEvent RealisticEvents::Web() {
  constexpr std::array kNames = {v1::STANDARD_EVENT_PURCHASE, v1::STANDARD_EVENT_ADD_CART,
                                 v1::STANDARD_EVENT_START_CHECKOUT, v1::STANDARD_EVENT_SIGN_UP};
  v1::ConversionEvent event = Base(v1::ACTION_SOURCE_WEB);
  const v1::StandardEvent name = kNames[Pick(kNames.size())];
  event.set_standard_event(name);
  event.set_event_source_url("https://shop.example/p/" + Digits(6) + "?ScCid=" + Hex(12) +
                             "&utm_source=snapchat&utm_medium=paid&utm_campaign=" + Digits(8));
  event.set_source(std::string(kSources[Pick(2)]));
  // Some visitors are known only by their browser.
  if (Chance(0.8)) {
    AddPerson(event.mutable_user_data());
    AddBrowser(event.mutable_user_data());
  } else {
    AddBrowser(event.mutable_user_data());
    event.mutable_user_data()->set_client_ip_address("2001:db8::" + Hex(4));
  }
  if (name == v1::STANDARD_EVENT_SIGN_UP) {
    event.mutable_custom_data()->set_sign_up_method("email");
  } else {
    AddOrder(name, event.mutable_custom_data());
  }
  return event;
}

v1::ConversionEvent RealisticEvents::Offline() {
  v1::ConversionEvent event = Base(v1::ACTION_SOURCE_OFFLINE);
  event.set_standard_event(v1::STANDARD_EVENT_PURCHASE);
  event.set_source(std::string(kSources[2]));
  AddPerson(event.mutable_user_data());
  AddOrder(v1::STANDARD_EVENT_PURCHASE, event.mutable_custom_data());
  return event;
}

v1::ConversionEvent RealisticEvents::App() {
  v1::ConversionEvent event = Base(v1::ACTION_SOURCE_MOBILE_APP);
  const bool purchase = Chance(0.4);
  event.set_standard_event(purchase ? v1::STANDARD_EVENT_PURCHASE : v1::STANDARD_EVENT_APP_OPEN);
  event.set_source(std::string(kSources[3]));
  v1::UserData* user_data = event.mutable_user_data();
  user_data->set_mobile_ad_id("AB" + Hex(6) + "-" + Hex(4) + "-4" + Hex(3) + "-9" + Hex(3) + "-" +
                              Hex(12));
  if (Chance(0.6)) {
    AddPerson(user_data);
  } else {
    user_data->set_client_ip_address("198.51.100." + std::to_string(Pick(255)));
    user_data->set_client_user_agent(std::string(kUserAgents[1 + Pick(2)]));
  }
  v1::AppData* app_data = event.mutable_app_data();
  app_data->set_app_id("123456789");
  app_data->set_advertiser_tracking_enabled(v1::TRISTATE_TRUE);
  for (const char* slot :
       {"i2", "org.example.shop", "7", "7.1", "17.5", "iPhone14,3", "en_US", "CEST",
        "Example Mobile", "1284", "2778", "3.0", "6", "256", "128", "Europe/Berlin"}) {
    app_data->add_extinfo(slot);
  }
  if (purchase) AddOrder(v1::STANDARD_EVENT_PURCHASE, event.mutable_custom_data());
  return event;
}

}  // namespace snapledger::bench
