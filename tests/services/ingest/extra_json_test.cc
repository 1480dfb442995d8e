#include "services/ingest/extra_json.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <limits>

namespace snapledger::ingest {
namespace {

google::protobuf::Struct StructOf(const std::string& json) {
  google::protobuf::Struct extra;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &extra).ok()) << json;
  return extra;
}

TEST(ExtraJsonTest, NothingIsEmpty) { EXPECT_EQ(ExtraJson({}), ""); }

TEST(ExtraJsonTest, KeysAreSortedAtEveryLevel) {
  EXPECT_EQ(ExtraJson(StructOf(R"({"b":{"z":1,"a":[null,true,"x"]},"a":false})")),
            R"({"a":false,"b":{"a":[null,true,"x"],"z":1}})");
}

TEST(ExtraJsonTest, NumbersKeepTheirShortestForm) {
  EXPECT_EQ(ExtraJson(StructOf(R"({"a":1,"b":12.5,"c":-0.1,"d":100000,"e":1e300,"f":-7})")),
            R"({"a":1,"b":12.5,"c":-0.1,"d":100000,"e":1e+300,"f":-7})");
}

TEST(ExtraJsonTest, TextIsEscaped) {
  google::protobuf::Struct extra;
  (*extra.mutable_fields())["k\"ey"].set_string_value("line\nü\"");
  EXPECT_EQ(ExtraJson(extra), "{\"k\\\"ey\":\"line\\nü\\\"\"}");
}

TEST(ExtraJsonTest, WhatJsonCannotSayIsMalformed) {
  google::protobuf::Struct infinite;
  (*infinite.mutable_fields())["x"].set_number_value(std::numeric_limits<double>::infinity());
  EXPECT_EQ(ExtraJson(infinite), kMalformedExtra);
  google::protobuf::Struct unset;
  (*unset.mutable_fields())["x"];
  EXPECT_EQ(ExtraJson(unset), kMalformedExtra);
}

TEST(ExtraJsonTest, DepthIsBounded) {
  const auto nested = [](int depth) {
    google::protobuf::Struct extra;
    google::protobuf::Value* value = &(*extra.mutable_fields())["x"];
    for (int i = 1; i < depth; ++i) value = value->mutable_list_value()->add_values();
    value->set_bool_value(true);
    return extra;
  };
  EXPECT_NE(ExtraJson(nested(kExtraDepthMax)), kMalformedExtra);
  EXPECT_EQ(ExtraJson(nested(kExtraDepthMax + 1)), kMalformedExtra);
}

}  // namespace
}  // namespace snapledger::ingest
