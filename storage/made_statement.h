#pragma once

#include <string>
#include <utility>

#include "storage/connection.h"

namespace snapledger::storage {

// A statement whose text is not a constant: it names tables or numbers of ours that cannot be
// parameters. One name, one text.
class MadeStatement {
 public:
  MadeStatement(std::string name, std::string text)
      : name_(std::move(name)), text_(std::move(text)), statement_{name_.c_str(), text_.c_str()} {}
  MadeStatement(const MadeStatement&) = delete;
  MadeStatement& operator=(const MadeStatement&) = delete;

  // Valid as long as this.
  const Statement* get() const { return &statement_; }

 private:
  const std::string name_, text_;
  const Statement statement_;
};

}  // namespace snapledger::storage
