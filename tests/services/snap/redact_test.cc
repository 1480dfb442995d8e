#include "services/snap/redact.h"

#include <gtest/gtest.h>

#include <string>

namespace snapledger::snap {
namespace {

constexpr size_t kLong = 1000;

TEST(RedactTest, KeepsWhatNamesNobody) {
  for (const char* text :
       {"Missing price and/or currency in Purchase events", "Unhashed PII",
        "Param data['event_time'] is an invalid Unix timestamp.", "error 507, 517, 12", "1.2.3",
        "At least one of the events is invalid.", "std::string at 12:34:56, v1.2.3: bad",
        "2000 events", "why?", "Ünïcödé \xF0\x9F\x98\x80",
        "<html><head><title>502 Bad Gateway</title></head></html>"}) {
    EXPECT_EQ(Redact(text, kLong), text);
  }
}

TEST(RedactTest, RemovesWhatMayNameSomebody) {
  for (const char* word : {"ada@example.com",
                           "<ada@example.com>",
                           "ada%40example.com",
                           "4915112345678",
                           "+49-151-123456",
                           "\"555\"1234567",
                           "(+1)555.123.4567",
                           "192.0.2.17",
                           "[192.0.2.17],",
                           "2001:db8::1",
                           "ip=8.8.8.8",
                           "client_ip_address:8.8.8.8",
                           "address:2001:db8::1",
                           "{\"client_ip_address\":\"8.8.8.8\"}",
                           "8.8.8.8/32",
                           "ad:8.8.8.8",
                           "8.8.8.8:443",
                           "[::1]:50051,",
                           "6abc82ca-1234-5678-9abc-def012345678",
                           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "eyJhbGciOiJIUzIFNiIsInRcCIIkpXVCJTEST",
                           "access_token=abc"}) {
    EXPECT_EQ(Redact(std::string("bad ") + word + " here", kLong), "bad [removed] here");
  }
}

TEST(RedactTest, RemovesANumberWrittenInGroups) {
  EXPECT_EQ(Redact("phone +49 (151) 123 45 is bad", kLong), "phone [removed] is bad");
  EXPECT_EQ(Redact("phone 555 1234", kLong), "phone [removed]");
  EXPECT_EQ(Redact("event 12 of 500", kLong), "event 12 of 500");
}

TEST(RedactTest, RemovesTheQueryOfAUrl) {
  EXPECT_EQ(Redact("see https://a.example/x?access_token=abc now", kLong),
            "see https://a.example/x[removed] now");
  EXPECT_EQ(Redact("/events?email=ada", kLong), "/events[removed]");
}

TEST(RedactTest, MakesOneLineOfUtf8) {
  EXPECT_EQ(Redact("a\r\nb\tc\x7F", kLong), "a b c");
  EXPECT_EQ(Redact(std::string("a\0b", 3), kLong), "a b");
  EXPECT_EQ(Redact("a\xC2\x85 b", kLong), "a b");
  EXPECT_EQ(Redact("\xFF \xC3 \xED\xA0\x80 \xC0\xAF \xF8", kLong), "? ? ??? ?? ?");
  EXPECT_EQ(Redact("", kLong), "");
}

TEST(RedactTest, ReadsNoMoreThanTheStartOfALongText) {
  std::string dashes;
  for (int i = 0; i < 500'000; ++i) dashes += "- ";
  EXPECT_EQ(Redact(dashes, 9), "- - - - -");
  const std::string digest(8184, 'a');
  EXPECT_EQ(Redact(digest + " ada@example.com", kLong), "[removed]");
  EXPECT_EQ(Redact(std::string(9000, 'a'), kLong), "[removed]");
}

TEST(RedactTest, CutsBetweenCharacters) {
  EXPECT_EQ(Redact("abc", 2), "ab");
  EXPECT_EQ(Redact("a\u00e4", 2), "a");
  EXPECT_EQ(Redact("\U0001F600", 3), "");
  EXPECT_EQ(Redact("a\u00e4", 3), "a\u00e4");
}

}  // namespace
}  // namespace snapledger::snap
