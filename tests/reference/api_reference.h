#pragma once

#include <memory>
#include <string>
#include <vector>

namespace snapledger::reference {

// The API as the files below proto/snapledger/v1 describe it, comments included.
class ApiSchema {
 public:
  // Reads what protoc made of them: a google.protobuf.FileDescriptorSet with imports and source
  // info. Throws std::runtime_error where that cannot be read.
  explicit ApiSchema(const std::string& descriptor_set_file);
  ~ApiSchema();

  // docs/api.md.
  std::string Markdown() const;

  // What has no comment and needs one, by its full name: every service, method, message and enum,
  // and every field and value that is not on the list of the self-evident.
  std::vector<std::string> Uncommented() const;

 private:
  class Files;
  const std::unique_ptr<Files> files_;
};

}  // namespace snapledger::reference
