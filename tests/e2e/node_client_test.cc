// A client in another language: the Node program in tests/clients/node against a live deployment.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "tests/e2e/deployment.h"

namespace snapledger::e2e {
namespace {

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

TEST(NodeClientTest, RecordsAndReadsStatusAndMatchRates) {
  const std::string folder = std::string(SNAPLEDGER_SOURCE_DIR) + "/tests/clients/node";
  ASSERT_TRUE(std::filesystem::exists(folder + "/node_modules"))
      << "the client's packages are missing: tests/run.sh installs them, or run npm install in "
      << folder;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  setenv("SERVER", service.address.c_str(), 1);
  setenv("DESTINATION", kPixel, 1);
  const support::ProgramResult result = support::RunProgram(
      {"/usr/bin/env", "node", folder + "/conversion_client_test.mjs"}, absl::Seconds(120));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  std::cout << result.output;
}

}  // namespace
}  // namespace snapledger::e2e
