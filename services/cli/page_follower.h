#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string_view>

#include "absl/status/status.h"
#include "services/cli/api_client.h"
#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"

namespace snapledger::cli {

inline constexpr int64_t kListPageSize = 500;

// Asks page after page, however short they are, until `limit` entries came (0: all there are).
// `take` gets each answer and returns how many entries it held. `*more`: the limit ended it.
template <typename Request, typename Response>
absl::Status FollowPages(ApiClient& client, Request request, int64_t limit,
                         const std::function<int(const Response& page)>& take, bool* more) {
  *more = false;
  for (int64_t taken = 0;;) {
    const int64_t missing = limit == 0 ? kListPageSize : limit - taken;
    request.set_page_size(static_cast<int32_t>(std::min(missing, kListPageSize)));
    Response page;
    if (absl::Status status = client.Call(request, &page); !status.ok()) return status;
    taken += take(page);
    if (page.next_page_token().empty()) return absl::OkStatus();
    if (limit != 0 && taken >= limit) {
      *more = true;
      return absl::OkStatus();
    }
    request.set_page_token(page.next_page_token());
  }
}

// Prints what FollowPages finds: a JSON object a line as it comes, or one table of all. `entries`
// is the answer's mutable_…; `nothing` is said where nothing came. Returns the exit code.
template <typename Request, typename Response, typename Entry>
int PrintList(ApiClient& client, const Request& request, int64_t limit, OutputForm output,
              google::protobuf::RepeatedPtrField<Entry>* (Response::*entries)(),
              const std::function<Table(const google::protobuf::RepeatedPtrField<Entry>&)>& table,
              std::string_view nothing) {
  Response all;
  const auto take = [&](const Response& page) {
    Response taken = page;
    const google::protobuf::RepeatedPtrField<Entry>& found = *(taken.*entries)();
    if (output == OutputForm::kTable) (all.*entries)()->MergeFrom(found);
    for (const Entry& entry : found) {
      if (output == OutputForm::kJson) std::cout << JsonOf(entry, /*indented=*/false) << '\n';
    }
    return found.size();
  };
  bool more = false;
  const absl::Status listed = FollowPages<Request, Response>(client, request, limit, take, &more);
  const bool none = (all.*entries)()->empty();
  if (output == OutputForm::kTable && !none) {
    const bool colour = StandardOutput().colour;
    std::cout << table(*(all.*entries)()).Render(colour ? kBold : "", colour ? kPlain : "");
  }
  std::cout << std::flush;
  if (!listed.ok()) return PrintError(listed);
  if (output == OutputForm::kTable) {
    if (none) std::cerr << nothing << '\n';
    if (more) std::cerr << "there are more; --limit 0 lists all\n";
  }
  return kDone;
}

}  // namespace snapledger::cli
