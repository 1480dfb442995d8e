#pragma once

#include <string>

namespace snapledger::reference {

// The text of a file of the tree, by its path from the root.
std::string ReadTreeFile(const std::string& path);

// Fails the test where the file of the tree does not hold `text`, naming the first line that
// differs. With SNAPLEDGER_UPDATE_GOLDEN=1 the file is written instead.
void ExpectTreeFileIs(const std::string& path, const std::string& text);

}  // namespace snapledger::reference
