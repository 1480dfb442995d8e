#include "services/event/places.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

TEST(Places, FindsCountriesByCodeAndName) {
  const std::pair<const char*, const char*> cases[] = {
      {"us", "us"},
      {"usa", "us"},
      {"unitedstates", "us"},
      {"uk", "gb"},
      {"gbr", "gb"},
      {"unitedkingdom", "gb"},
      {"germany", "de"},
      {"deutschland", "de"},
      {"southafrica", "za"},
      {"india", "in"},
      {"france", "fr"},
      {"españa", "es"},
      {"日本", "jp"},
      {"brasil", "br"},
      {"czechrepublic", "cz"},
      {"türkiye", "tr"},
      {"southkorea", "kr"},
      {"russia", "ru"},
      {"theunitedstates", "us"},
      {"saudiarabia", "sa"},
  };
  for (const auto& [name, code] : cases) EXPECT_EQ(FindCountry(name), code) << name;
}

TEST(Places, KnowsNoOtherCountry) {
  for (const char* name : {"", "neverland", "zz", "xx", "eu", "zzz"}) {
    EXPECT_EQ(FindCountry(name), "") << name;
  }
}

TEST(Places, FindsStatesOfTheUnitedStates) {
  EXPECT_EQ(FindUsState("newyork"), "ny");
  EXPECT_EQ(FindUsState("westvirginia"), "wv");
  EXPECT_EQ(FindUsState("alabama"), "al");
  EXPECT_EQ(FindUsState("wyoming"), "wy");
  EXPECT_EQ(FindUsState("northernmarianaislands"), "mp");
  EXPECT_EQ(FindUsState("districtofcolumbia"), "dc");
  EXPECT_EQ(FindUsState("newsouthwales"), "");
  EXPECT_EQ(FindUsState(""), "");
}

}  // namespace
}  // namespace snapledger::event
