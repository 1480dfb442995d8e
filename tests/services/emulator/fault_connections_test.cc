// The faults that strike connections.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/services/emulator/harness.h"

namespace snapledger::emulator {
namespace {

using ::testing::AnyOf;

class FaultConnectionsTest : public EmulatorTest {
 protected:
  FaultConnectionsTest() { Start(); }
  Reply SendOne() { return SendEvents({LiveEvent("e1")}); }
};

TEST_F(FaultConnectionsTest, TlsHang) {
  SetFaults(R"([{"kind":"tls_hang","count":1}])");
  client_->set_timeout_ms(50);
  EXPECT_EQ(SendOne().code, CURLE_OPERATION_TIMEDOUT);
  client_->set_timeout_ms(10000);
  EXPECT_EQ(SendOne().status, 200);
  EXPECT_EQ(Journal("request").size(), 1U);
}

TEST_F(FaultConnectionsTest, TlsHangEndsByItself) {
  SetFaults(R"([{"kind":"tls_hang","seconds":0.05}])");
  EXPECT_EQ(SendOne().code, CURLE_SSL_CONNECT_ERROR);
}

TEST_F(FaultConnectionsTest, RefusedConnections) {
  SetFaults(R"([{"kind":"refuse_connections","count":2}])");
  // The reset may come before or after the client has begun its handshake.
  EXPECT_THAT(SendOne().code, AnyOf(CURLE_SSL_CONNECT_ERROR, CURLE_COULDNT_CONNECT));
  EXPECT_THAT(SendOne().code, AnyOf(CURLE_SSL_CONNECT_ERROR, CURLE_COULDNT_CONNECT));
  EXPECT_EQ(SendOne().status, 200);
}

TEST_F(FaultConnectionsTest, OpenConnectionsAreSpared) {
  EXPECT_EQ(SendOne().status, 200);
  SetFaults(R"([{"kind":"refuse_connections"}])");
  EXPECT_EQ(SendOne().status, 200);
}

TEST_F(FaultConnectionsTest, CertificatesNoClientShouldTake) {
  SetFaults(R"([{"kind":"expired_certificate","count":1},
                {"kind":"wrong_host_certificate","count":1}])");
  EXPECT_EQ(SendOne().code, CURLE_PEER_FAILED_VERIFICATION);
  EXPECT_EQ(SendOne().code, CURLE_PEER_FAILED_VERIFICATION);
  EXPECT_EQ(SendOne().status, 200);
}

TEST_F(FaultConnectionsTest, StopsWhileAConnectionHangs) {
  SetFaults(R"([{"kind":"tls_hang","count":1}])");
  std::thread sender([this] { EXPECT_NE(SendOne().code, CURLE_OK); });
  while (Admin("/faults").find("\"struck\":1") == std::string::npos) std::this_thread::yield();
  Stop();
  sender.join();
}

}  // namespace
}  // namespace snapledger::emulator
