#include "tests/reference/api_reference.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace snapledger::reference {
namespace {

namespace pb = google::protobuf;

// In the order one reads them: the calls first, then what they carry.
constexpr const char* kFiles[] = {"snapledger/v1/conversion_service.proto",
                                  "snapledger/v1/admin_service.proto",
                                  "snapledger/v1/conversion_event.proto",
                                  "snapledger/v1/delivery.proto", "snapledger/v1/match_rate.proto"};
constexpr char kOwnPackage[] = "snapledger.v1.";

// Enums whose values are the words they stand for.
const std::set<std::string_view> kSelfEvidentEnums = {
    "snapledger.v1.StandardEvent", "snapledger.v1.IdentifierKind", "snapledger.v1.ActionSource",
    "snapledger.v1.Tristate"};

// The comment before an element, or behind it on its line; lines joined as they stand.
template <typename Descriptor>
std::string CommentOf(const Descriptor& descriptor) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return "";
  const std::string text = absl::StrCat(location.leading_comments, location.trailing_comments);
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (std::string& line : lines) absl::StripAsciiWhitespace(&line);
  std::string comment = absl::StrJoin(lines, " ");
  absl::StripAsciiWhitespace(&comment);
  return comment;
}

// Without what Markdown would take for its own.
std::string Plain(const std::string& text) {
  return absl::StrReplaceAll(text, {{"<", "&lt;"}, {"*", "\\*"}, {"_", "\\_"}, {"|", "\\|"}});
}

template <typename Descriptor>
std::string LinkTo(const Descriptor& type) {
  if (!absl::StartsWith(type.full_name(), kOwnPackage)) {
    return absl::StrCat("`", type.full_name(), "`");
  }
  return absl::StrCat("[", type.name(), "](#", absl::AsciiStrToLower(type.name()), ")");
}

std::string ValueType(const pb::FieldDescriptor& field) {
  if (field.type() == pb::FieldDescriptor::TYPE_ENUM) return LinkTo(*field.enum_type());
  if (field.type() == pb::FieldDescriptor::TYPE_MESSAGE) return LinkTo(*field.message_type());
  return field.type_name();
}

std::string TypeOf(const pb::FieldDescriptor& field) {
  if (field.is_map()) {
    return absl::StrCat("map of ", ValueType(*field.message_type()->map_key()), " to ",
                        ValueType(*field.message_type()->map_value()));
  }
  return field.is_repeated() ? "repeated " + ValueType(field) : ValueType(field);
}

std::string FieldRow(const pb::FieldDescriptor& field) {
  std::string comment = Plain(CommentOf(field));
  if (field.real_containing_oneof() != nullptr) {
    comment = absl::StrCat("One of `", field.real_containing_oneof()->name(), "`. ", comment);
  }
  return absl::StrCat("| `", field.name(), "` | ", field.number(), " | ", TypeOf(field), " | ",
                      comment, " |\n");
}

std::string MessageText(const pb::Descriptor& message) {
  std::string text = absl::StrCat("\n### ", message.name(), "\n");
  const std::string comment = Plain(CommentOf(message));
  if (!comment.empty()) absl::StrAppend(&text, "\n", comment, "\n");
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    const pb::OneofDescriptor& oneof = *message.oneof_decl(i);
    const std::string rule = Plain(CommentOf(oneof));
    if (!rule.empty()) absl::StrAppend(&text, "\n`", oneof.name(), "`: ", rule, "\n");
  }
  if (message.field_count() == 0) return text + "\nNo fields.\n";
  text += "\n| field | number | type | |\n|---|---|---|---|\n";
  for (int i = 0; i < message.field_count(); ++i) text += FieldRow(*message.field(i));
  return text;
}

std::string EnumText(const pb::EnumDescriptor& type) {
  std::string text = absl::StrCat("\n### ", type.name(), "\n\n", Plain(CommentOf(type)),
                                  "\n\n| value | number | |\n|---|---|---|\n");
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *type.value(i);
    absl::StrAppend(&text, "| `", value.name(), "` | ", value.number(), " | ",
                    Plain(CommentOf(value)), " |\n");
  }
  return text;
}

std::string ServiceText(const pb::ServiceDescriptor& service) {
  std::string text = absl::StrCat("\n## ", service.name(), "\n\n", Plain(CommentOf(service)), "\n");
  for (int i = 0; i < service.method_count(); ++i) {
    const pb::MethodDescriptor& method = *service.method(i);
    absl::StrAppend(&text, "\n### ", method.name(), "\n\n",
                    method.client_streaming() ? "stream of " : "", LinkTo(*method.input_type()),
                    " → ", method.server_streaming() ? "stream of " : "",
                    LinkTo(*method.output_type()), "\n\n", Plain(CommentOf(method)), "\n");
  }
  return text;
}

std::string TypesText(const pb::FileDescriptor& file) {
  std::string text;
  for (int i = 0; i < file.message_type_count(); ++i) text += MessageText(*file.message_type(i));
  for (int i = 0; i < file.enum_type_count(); ++i) text += EnumText(*file.enum_type(i));
  return text;
}

bool IsOwnMessage(const pb::FieldDescriptor& field) {
  return field.type() == pb::FieldDescriptor::TYPE_MESSAGE &&
         absl::StartsWith(field.message_type()->full_name(), kOwnPackage);
}

// Adds the full names of what lacks a comment. A request and a response are explained by their
// method, and what they carry as a message of ours by that.
class CommentCheck {
 public:
  explicit CommentCheck(std::vector<std::string>* missing) : missing_(missing) {}

  void Check(const pb::FileDescriptor& file) {
    for (int i = 0; i < file.service_count(); ++i) Check(*file.service(i));
    for (int i = 0; i < file.message_type_count(); ++i) Check(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) Check(*file.enum_type(i));
  }

 private:
  template <typename Descriptor>
  void Want(const Descriptor& descriptor) {
    if (CommentOf(descriptor).empty()) missing_->push_back(descriptor.full_name());
  }
  void Check(const pb::ServiceDescriptor& service) {
    Want(service);
    for (int i = 0; i < service.method_count(); ++i) Want(*service.method(i));
  }
  void Check(const pb::Descriptor& message) {
    const bool of_a_method =
        absl::EndsWith(message.name(), "Request") || absl::EndsWith(message.name(), "Response");
    if (!of_a_method) Want(message);
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      if (!(of_a_method && IsOwnMessage(field))) Want(field);
    }
  }
  void Check(const pb::EnumDescriptor& type) {
    Want(type);
    if (kSelfEvidentEnums.contains(type.full_name())) return;
    for (int i = 0; i < type.value_count(); ++i) {
      // Zero is "not said" wherever no comment gives it another meaning.
      if (type.value(i)->number() != 0) Want(*type.value(i));
    }
  }

  std::vector<std::string>* const missing_;
};

}  // namespace

class ApiSchema::Files {
 public:
  explicit Files(const std::string& descriptor_set_file) {
    pb::FileDescriptorSet set;
    std::ifstream input(descriptor_set_file, std::ios::binary);
    if (!set.ParseFromIstream(&input)) throw std::runtime_error("cannot read the descriptor set");
    for (const pb::FileDescriptorProto& file : set.file()) pool_.BuildFile(file);
    for (const char* const name : kFiles) {
      const pb::FileDescriptor* const file = pool_.FindFileByName(name);
      if (file == nullptr) throw std::runtime_error(absl::StrCat("no description of ", name));
      files_.push_back(file);
    }
  }

  const std::vector<const pb::FileDescriptor*>& files() const { return files_; }

 private:
  pb::DescriptorPool pool_;
  std::vector<const pb::FileDescriptor*> files_;
};

ApiSchema::ApiSchema(const std::string& descriptor_set_file)
    : files_(std::make_unique<Files>(descriptor_set_file)) {}

ApiSchema::~ApiSchema() = default;

std::string ApiSchema::Markdown() const {
  std::string text =
      "# API reference\n\nPackage `snapledger.v1`, made from the comments of "
      "[proto/snapledger/v1](../proto/snapledger/v1). Errors: [errors](errors.md). What makes an "
      "event right: [event rules](event-rules.md).\n";
  for (const pb::FileDescriptor* const file : files_->files()) {
    for (int i = 0; i < file->service_count(); ++i) text += ServiceText(*file->service(i));
  }
  for (const pb::FileDescriptor* const file : files_->files()) {
    const std::string name = file->name().substr(file->name().rfind('/') + 1);
    absl::StrAppend(&text, "\n## Types of ", name, "\n", TypesText(*file));
  }
  return text;
}

std::vector<std::string> ApiSchema::Uncommented() const {
  std::vector<std::string> missing;
  for (const pb::FileDescriptor* const file : files_->files()) CommentCheck(&missing).Check(*file);
  return missing;
}

}  // namespace snapledger::reference
