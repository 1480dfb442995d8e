// What holds for every event, on arbitrary and on likely input.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidjson/document.h>

#include "services/event/normalize.h"
#include "services/event/phone.h"
#include "services/event/sha256.h"
#include "services/event/text.h"
#include "services/snap/encode.h"
#include "tests/services/event/example_event.h"

namespace snapledger::event {
namespace {

using Texts = std::vector<std::string>;

rc::Gen<std::string> Utf8Character() {
  const auto encode = [](uint32_t c) {
    std::string text;
    if (c < 0x80) {
      text.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      text.push_back(static_cast<char>(0xC0 | c >> 6));
      text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
      text.push_back(static_cast<char>(0xE0 | c >> 12));
      text.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
      text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
      text.push_back(static_cast<char>(0xF0 | c >> 18));
      text.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
      text.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
      text.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
    return text;
  };
  // inRange excludes its end; surrogates are no characters.
  return rc::gen::map(
      rc::gen::oneOf(rc::gen::inRange<uint32_t>(1, 0x80), rc::gen::inRange<uint32_t>(0x80, 0x600),
                     rc::gen::inRange<uint32_t>(0x300, 0x370),
                     rc::gen::inRange<uint32_t>(0x1E00, 0x2100),
                     rc::gen::inRange<uint32_t>(0xE000, 0x10000),
                     rc::gen::inRange<uint32_t>(0x10000, 0x11000)),
      encode);
}

rc::Gen<std::string> Utf8Text() {
  return rc::gen::map(rc::gen::container<Texts>(Utf8Character()), [](const Texts& characters) {
    std::string text;
    for (const std::string& character : characters) text += character;
    return text;
  });
}

// Of letters that change when they are normalised; fit for any field.
rc::Gen<std::string> Word() {
  const auto letters = rc::gen::container<Texts>(rc::gen::element<std::string>(
      "a", "Z", "7", "é", "E\u0301", "Ü", "İ", "Σ", "ß", "ẞ", "ﬁ", "김", "ن", "\u212A", "Ǆ"));
  return rc::gen::map(letters, [](const Texts& parts) {
    std::string word = "w";
    for (const std::string& part : parts) word += part;
    return word;
  });
}

rc::Gen<std::string> AnyText() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(), Utf8Text(),
      rc::gen::element<std::string>("", " ", "null", "person@example.com", "+1 202 555 0146",
                                    "07123 456789", "US", "USD", "12.50", "1e3", "-1", "PURCHASE",
                                    "https://shop.example/", "203.0.113.7", "i2", "{\"a\":[1]}",
                                    "{\"value\":1}", std::string(64, 'a'), std::string(600, 'x')));
}

// An event whose every text comes from `texts`, which must outlive it.
class ArbitraryEvent {
 public:
  explicit ArbitraryEvent(const Texts& texts) : texts_(texts) {}

  RawEvent Make() {
    RawEvent raw;
    raw.event_id = Next();
    raw.name_form = static_cast<RawEvent::NameForm>(Number() % 3);
    raw.standard_event = Number() % 40 - 4;
    raw.custom_event = Next();
    if (Number() % 8 != 0) raw.event_time = kExampleNow + absl::Hours(Number() % 48 - 40);
    raw.event_time_valid = Number() % 16 != 0;
    raw.action_source = Number() % 6 - 1;
    raw.event_source_url = Next();
    raw.has_user_data = true;
    FillUserData(&raw.user_data);
    raw.has_custom_data = Number() % 8 != 0;
    FillCustomData(&raw.custom_data);
    raw.has_app_data = Number() % 2 != 0;
    FillAppData(&raw.app_data);
    raw.consent = Number() % 6 - 1;
    raw.source = Next();
    return raw;
  }

 private:
  std::string_view Next() {
    ++position_;
    return texts_.empty() ? std::string_view() : texts_[position_ % texts_.size()];
  }

  int Number() {
    const std::string_view text = Next();
    return static_cast<int>((Sha256(text)[position_ % 32] + position_) & 0xFF);
  }

  RawIdentifier Identifier() { return {static_cast<RawIdentifier::Form>(Number() % 3), Next()}; }

  void FillUserData(RawUserData* user) {
    for (auto* field :
         {&user->email, &user->phone, &user->first_name, &user->last_name, &user->gender,
          &user->city, &user->state, &user->zip, &user->country, &user->external_id}) {
      for (int i = Number() % 3; i > 0; --i) field->push_back(Identifier());
    }
    for (auto* field : {&user->client_ip_address, &user->client_user_agent, &user->click_id,
                        &user->cookie1, &user->mobile_ad_id, &user->idfv, &user->subscription_id,
                        &user->lead_id, &user->anon_id, &user->download_id, &user->partner_id}) {
      *field = Next();
    }
  }

  void FillCustomData(RawCustomData* custom) {
    for (auto* field : {&custom->currency, &custom->value, &custom->order_id, &custom->content_name,
                        &custom->content_type, &custom->search_string, &custom->sign_up_method,
                        &custom->delivery_category, &custom->status, &custom->event_tag,
                        &custom->predicted_ltv, &custom->extra_json}) {
      *field = Next();
    }
    for (auto* list : {&custom->content_ids, &custom->content_category, &custom->brands}) {
      for (int i = Number() % 3; i > 0; --i) list->push_back(Next());
    }
    for (int i = Number() % 3; i > 0; --i) {
      custom->contents.push_back({Next(), Number() - 3, Next(), Next(), Next()});
    }
    for (int i = Number() % 3; i > 0; --i) custom->custom_fields.emplace_back(Next(), Next());
    custom->num_items = Number() - 3;
  }

  void FillAppData(RawAppData* app) {
    app->app_id = Next();
    app->advertiser_tracking_enabled = Number() % 5 - 1;
    app->application_tracking_enabled = Number() % 5 - 1;
    for (int i = Number() % 18; i > 0; --i) app->extinfo.push_back(Next());
    app->campaign_ids = Next();
    app->install_referrer = Next();
    app->installer_package = Next();
    app->url_schemes.push_back(Next());
  }

  const Texts& texts_;
  size_t position_ = 0;
};

std::string EncodedJson(const PreparedEvent& prepared) {
  std::string json;
  snap::AppendSnapEvent(prepared.event, {}, &json);
  return json;
}

// Everything a prepared event would store, show or send, as one text.
std::string EverythingIn(const PreparedEvent& prepared) {
  std::string all = EncodedJson(prepared);
  for (const auto* findings : {&prepared.violations, &prepared.warnings}) {
    for (const Violation& finding : *findings) all += finding.field + finding.description;
  }
  return all;
}

TEST(PrepareProperty, TakesArbitraryBytes) {
  EXPECT_TRUE(rc::check([] {
    const Texts texts = *rc::gen::container<Texts>(40, AnyText());
    const RawEvent raw = ArbitraryEvent(texts).Make();
    PreparePolicy policy = *rc::gen::arbitrary<bool>() ? PixelPolicy() : AppPolicy();
    policy.default_phone_region = *rc::gen::element<std::string>("", "US", "GB", "??");
    const PreparedEvent prepared = Prepare(raw, policy);
    RC_ASSERT((prepared.disposition == Disposition::kRejected) == !prepared.violations.empty());
    for (const Violation& violation : prepared.violations) {
      RC_ASSERT(!violation.description.empty());
    }
  }));
}

TEST(PrepareProperty, WhatIsSentIsJson) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *Utf8Text();
    const std::string word = *Word();
    const std::string digits = *rc::gen::element<std::string>("1", "0.10", ".5", "007.", "+3");
    RawEvent raw = ExamplePurchase();
    raw.custom_data.value = digits;
    raw.custom_data.predicted_ltv = digits;
    raw.custom_data.content_name = text;
    raw.custom_data.search_string = text;
    raw.custom_data.contents = {{"id", 1, digits, text, text}};
    raw.custom_data.custom_fields = {{"key", text}};
    raw.user_data.click_id = word;
    raw.custom_data.extra_json = "{\"num_adults\":2}";
    const PreparedEvent prepared = Prepare(raw, PixelPolicy());
    RC_ASSERT(prepared.disposition == Disposition::kSend);
    rapidjson::Document document;
    const std::string json = EncodedJson(prepared);
    document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
    RC_ASSERT(!document.HasParseError());
    RC_ASSERT(json.find('\n') == std::string::npos);
    const rapidjson::Value& custom = document["custom_data"];
    RC_ASSERT(custom["value"].IsNumber());
    RC_ASSERT(document["user_data"]["sc_click_id"].GetString() == word);
    if (!text.empty()) RC_ASSERT(custom["search_string"].GetString() == text);
  }));
}

TEST(PrepareProperty, NormalizationIsIdempotent) {
  using Normalizer = NormalizeResult (*)(std::string_view, std::string*);
  const Normalizer normalizers[] = {NormalizeEmail,
                                    NormalizeName,
                                    NormalizeGender,
                                    NormalizeState,
                                    NormalizeCountry,
                                    NormalizeExternalId,
                                    [](std::string_view text, std::string* out) {
                                      return NormalizeZip(text, PostalCountry::kNotGiven, out);
                                    },
                                    [](std::string_view text, std::string* out) {
                                      return NormalizeZip(text, PostalCountry::kUnitedStates, out);
                                    }};
  EXPECT_TRUE(rc::check([&] {
    const std::string text = *Utf8Text();
    const std::string_view trimmed = TrimWhitespace(text);
    for (const Normalizer normalize : normalizers) {
      std::string once;
      std::string twice;
      if (normalize(trimmed, &once) != NormalizeResult::kOk) continue;
      RC_ASSERT(normalize(once, &twice) == NormalizeResult::kOk);
      RC_ASSERT(once == twice);
    }
  }));
}

TEST(PrepareProperty, EmailNormalizationIsIdempotent) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *Word() + "@" + *Word() + ".Example.COM";
    std::string once;
    std::string twice;
    // Too long a word is no mailbox.
    RC_PRE(NormalizeEmail(text, &once) == NormalizeResult::kOk);
    RC_ASSERT(NormalizeEmail(once, &twice) == NormalizeResult::kOk);
    RC_ASSERT(once == twice);
  }));
}

TEST(PrepareProperty, PhoneNormalizationIsIdempotent) {
  EXPECT_TRUE(rc::check([] {
    const auto number =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789 -()")));
    const PhoneNumber once = NormalizePhone("+" + number, "");
    RC_PRE(once.problem == PhoneProblem::kNone);
    const PhoneNumber twice = NormalizePhone("+" + once.digits, "");
    RC_ASSERT(twice.problem == PhoneProblem::kNone);
    RC_ASSERT(once.digits == twice.digits);
  }));
}

TEST(PrepareProperty, AHashIsNeverHashed) {
  EXPECT_TRUE(rc::check([](const std::string& value) {
    std::string hex;
    AppendSha256Hex(Sha256(value), &hex);
    const std::string hash_of_hash = [&] {
      std::string text;
      AppendSha256Hex(Sha256(hex), &text);
      return text;
    }();
    RawEvent raw = ExamplePurchase();
    const RawIdentifier identifier = {
        *rc::gen::arbitrary<bool>() ? RawIdentifier::Form::kRaw : RawIdentifier::Form::kSha256,
        hex};
    for (auto* field : {&raw.user_data.email, &raw.user_data.phone, &raw.user_data.first_name,
                        &raw.user_data.zip, &raw.user_data.external_id}) {
      field->push_back(identifier);
    }
    RC_ASSERT(EverythingIn(Prepare(raw, PixelPolicy())).find(hash_of_hash) == std::string::npos);
  }));
}

TEST(PrepareProperty, NoRawValueSurvives) {
  EXPECT_TRUE(rc::check([] {
    // Long enough not to turn up by chance, and of no word of ours.
    const std::string secret =
        *rc::gen::container<std::string>(12, rc::gen::elementOf(std::string("qzxjvkwyQZXJVKWY")));
    const std::string number =
        *rc::gen::container<std::string>(9, rc::gen::elementOf(std::string("23456789")));
    const std::string email = secret + "@example.com";
    const std::string phone = *rc::gen::element<std::string>("+4479", "+1", "79", "") + number;
    RawEvent raw = ExamplePurchase();
    RawUserData& user = raw.user_data;
    user.email.push_back(RawValue(email));
    user.phone = {RawValue(phone)};
    for (auto* field : {&user.email, &user.phone, &user.first_name, &user.last_name, &user.gender,
                        &user.city, &user.state, &user.zip, &user.country, &user.external_id}) {
      const bool raw_form = *rc::gen::weightedElement<bool>({{6, true}, {1, false}});
      if (*rc::gen::arbitrary<bool>()) {
        field->push_back(raw_form ? RawValue(secret) : HashedValue(secret));
      }
    }
    raw.consent = *rc::gen::inRange(0, 4);
    const std::string all = ToLowerAscii(EverythingIn(Prepare(raw, PixelPolicy())));
    RC_ASSERT(all.find(ToLowerAscii(secret)) == std::string::npos);
    RC_ASSERT(all.find(number) == std::string::npos);
  }));
}

TEST(PrepareProperty, TheDigestDependsOnTheEventAlone) {
  EXPECT_TRUE(rc::check([] {
    const Texts texts = *rc::gen::container<Texts>(40, Word());
    RawEvent raw = ArbitraryEvent(texts).Make();
    const RawEvent sound = ExamplePurchase();
    raw.event_id = sound.event_id;
    raw.name_form = sound.name_form;
    raw.standard_event = sound.standard_event;
    raw.event_time = sound.event_time;
    raw.event_time_valid = true;
    raw.action_source = 3;
    raw.event_source_url = sound.event_source_url;
    raw.consent = *rc::gen::inRange(0, 4);
    raw.source = sound.source;
    raw.user_data.email = sound.user_data.email;
    raw.user_data.phone = {RawValue("2025550146")};
    for (auto* field : {&raw.user_data.first_name, &raw.user_data.last_name, &raw.user_data.city,
                        &raw.user_data.external_id}) {
      for (RawIdentifier& identifier : *field) identifier.form = RawIdentifier::Form::kRaw;
    }
    raw.user_data.gender = raw.user_data.state = raw.user_data.zip = raw.user_data.country = {};
    raw.user_data.client_ip_address = {};
    raw.custom_data = sound.custom_data;
    raw.custom_data.content_name = texts[0];
    raw.has_custom_data = true;
    PreparePolicy first = PixelPolicy();
    first.default_phone_region = "US";
    PreparePolicy second = PixelPolicy();
    second.default_phone_region = "CA";
    second.unspecified_consent = Consent::kDenied;
    second.max_age_offline = absl::Hours(30 * 24);
    const PreparedEvent once = Prepare(raw, first);
    const PreparedEvent again = Prepare(raw, second);
    RC_ASSERT(once.disposition != Disposition::kRejected);
    RC_ASSERT(again.disposition != Disposition::kRejected);
    RC_ASSERT(once.content_digest == again.content_digest);
  }));
}

}  // namespace
}  // namespace snapledger::event
