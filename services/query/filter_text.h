#pragma once

#include <string>
#include <string_view>

#include "services/base/text.h"

namespace snapledger::query {

// The fields that select in a listing as one text, for page tokens: no two filters share one.
class FilterText {
 public:
  explicit FilterText(std::string_view listing) : text_(listing) {}

  // Fields are added in a fixed order, each with its name and all of its values.
  FilterText& Add(std::string_view field, std::string_view value) {
    text_ += base::Concat("/", field, "=", value.size(), ":", value);
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace snapledger::query
