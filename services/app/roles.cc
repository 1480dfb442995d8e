#include "services/app/roles.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/app/nearest_name.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

struct NamedRole {
  const char* name;
  bool Roles::*member;
};
constexpr NamedRole kRoles[] = {{"ingest", &Roles::ingest},
                                {"query", &Roles::query},
                                {"dispatch", &Roles::dispatch},
                                {"maintenance", &Roles::maintenance}};

absl::Status SetRole(const std::string& name, Roles* roles) {
  std::vector<std::string> known;
  for (const NamedRole& role : kRoles) {
    if (name == role.name) {
      roles->*role.member = true;
      return absl::OkStatus();
    }
    known.emplace_back(role.name);
  }
  const std::string nearest = NearestName(name, known);
  return absl::InvalidArgumentError(
      base::Concat("--roles: unknown role \"", name, "\"; ",
                   nearest.empty() ? base::Concat("the roles are ", absl::StrJoin(known, ", "))
                                   : base::Concat("the nearest known role is \"", nearest, "\"")));
}

}  // namespace

absl::StatusOr<Roles> ParseRoles(std::string_view list) {
  Roles roles;
  bool any = false;
  for (const absl::string_view part : absl::StrSplit(base::AsAbsl(list), ',')) {
    const std::string name(absl::StripAsciiWhitespace(part));
    if (name.empty()) continue;
    if (absl::Status status = SetRole(name, &roles); !status.ok()) return status;
    any = true;
  }
  if (!any) return absl::InvalidArgumentError("--roles names no role");
  return roles;
}

}  // namespace snapledger::app
