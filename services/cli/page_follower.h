#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "services/cli/api_client.h"

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

}  // namespace snapledger::cli
