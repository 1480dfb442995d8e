#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::bench {

// Invented events that look like those of real shops: the four core kinds, raw and hashed
// identifiers in the mixes callers send, names of many scripts, phones of many countries. The same
// seed gives the same events. Not thread-safe.
class RealisticEvents {
 public:
  // Event ids begin with `id_prefix` and are numbered.
  RealisticEvents(uint64_t seed, std::string id_prefix, absl::Time now);

  v1::ConversionEvent Web();      // PURCHASE, ADD_CART, START_CHECKOUT or SIGN_UP of a site
  v1::ConversionEvent Offline();  // PURCHASE in a shop
  v1::ConversionEvent App();      // of a mobile app

 private:
  v1::ConversionEvent Base(v1::ActionSource action_source);
  void AddPerson(v1::UserData* user_data);
  void AddBrowser(v1::UserData* user_data);
  void AddOrder(v1::StandardEvent name, v1::CustomData* custom_data);
  bool Chance(double probability);
  int Pick(int count);
  std::string Digits(int count);
  std::string Hex(int count);
  std::string Phone();
  std::string Varied(std::string_view name);

  std::mt19937_64 random_;
  const std::string id_prefix_;
  const absl::Time now_;
  int64_t number_ = 0;
};

}  // namespace snapledger::bench
