#include "services/base/secret.h"

#include <openssl/crypto.h>

namespace snapledger::base {

Secret::~Secret() { OPENSSL_cleanse(value_.data(), value_.size()); }

}  // namespace snapledger::base
