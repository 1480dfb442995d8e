#include "services/event/findings.h"

#include "absl/strings/str_cat.h"
#include "services/event/limits.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

void Add(const FieldPath& path, Reason reason, std::string_view description,
         std::vector<Violation>* list) {
  if (list->size() >= kFindingsMax) return;
  list->push_back({path.ToString(), reason, std::string(description)});
}

}  // namespace

std::string FieldPath::ToString() const {
  std::string path(field);
  if (index >= 0) path.append("[").append(std::to_string(index)).append("]");
  if (!member.empty()) path.append(".").append(member);
  return path;
}

void Findings::Violate(const FieldPath& path, Reason reason, std::string_view description) {
  Add(path, reason, description, &prepared_.violations);
}

void Findings::Warn(const FieldPath& path, Reason reason, std::string_view description) {
  Add(path, reason, description, &prepared_.warnings);
}

bool CheckText(const FieldPath& path, std::string_view text, size_t bytes_max, TextKind kind,
               Findings* findings) {
  if (text.empty()) return true;
  if (text.size() > bytes_max) {
    findings->Violate(path, Reason::kTooLong,
                      absl::StrCat("longer than ", bytes_max, " bytes; shorten it"));
    return false;
  }
  if (!IsValidUtf8(text)) {
    findings->Violate(path, Reason::kMalformed, "not valid UTF-8; send text as UTF-8");
    return false;
  }
  if (text.find('\0') != std::string_view::npos) {
    findings->Violate(path, Reason::kMalformed, "holds a NUL character; remove it");
    return false;
  }
  if (kind == TextKind::kToken && HasControlCharacter(text)) {
    findings->Violate(path, Reason::kMalformed, "holds a control character; remove it");
    return false;
  }
  return true;
}

}  // namespace snapledger::event
