#include "services/destinations/destination_admin.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "services/base/check.h"
#include "services/base/error_details.h"
#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/destinations/destination_proto.h"
#include "services/destinations/destination_settings.h"
#include "services/destinations/token_context.h"

namespace snapledger::destinations {
namespace {

constexpr size_t kDisplayNameBytesMax = 128;
constexpr size_t kPauseReasonBytesMax = 256;
constexpr size_t kAccessTokenBytesMax = 4096;
constexpr int kTokenIdBytes = 8;

using Violations = std::vector<base::FieldViolation>;

void CheckDestinationId(std::string_view id, Violations* violations) {
  if (id.empty()) {
    violations->push_back({"destination_id", "is required: the Snap Pixel ID or Snap App ID"});
  } else if (!IsDestinationId(id)) {
    violations->push_back({"destination_id",
                           "must be 1 to 64 letters, digits, dots, underscores or hyphens, as it "
                           "stands in Snap's URL"});
  }
}

void CheckText(std::string_view field, std::string_view text, size_t bytes_max,
               Violations* violations) {
  const bool control = std::any_of(text.begin(), text.end(), absl::ascii_iscntrl);
  if (text.size() > bytes_max || control) {
    violations->push_back({std::string(field), base::Concat("must be at most ", bytes_max,
                                                            " bytes without control characters")});
  }
}

void CheckAccessToken(std::string_view token, Violations* violations) {
  const bool blank = std::all_of(token.begin(), token.end(), absl::ascii_isspace);
  if (blank) {
    violations->push_back({"access_token", "is required: the Conversions API token of the asset"});
    return;
  }
  if (token.size() > kAccessTokenBytesMax) {
    violations->push_back(
        {"access_token", base::Concat("must be at most ", kAccessTokenBytesMax, " bytes, not ",
                                      token.size(), ": give the token alone")});
    return;
  }
  if (!std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) {
    violations->push_back({"access_token", "must be visible ASCII characters without spaces"});
  }
}

// In a time that tells nothing of where they differ.
bool IsSameToken(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

absl::Status StatusOf(Violations violations) {
  if (violations.empty()) return absl::OkStatus();
  return base::InvalidFieldsError(std::move(violations));
}

absl::Status CheckedId(std::string_view destination_id) {
  Violations violations;
  CheckDestinationId(destination_id, &violations);
  return StatusOf(std::move(violations));
}

absl::StatusOr<storage::DestinationStore::NewDestination> Validate(
    const v1::CreateDestinationRequest& request) {
  Violations violations;
  CheckDestinationId(request.destination_id(), &violations);
  if (request.kind() != v1::DESTINATION_KIND_PIXEL && request.kind() != v1::DESTINATION_KIND_APP) {
    violations.push_back({"kind", "must be PIXEL or APP"});
  }
  CheckText("display_name", request.display_name(), kDisplayNameBytesMax, &violations);
  CheckAccessToken(request.access_token(), &violations);
  storage::DestinationStore::NewDestination destination;
  destination.destination_id = request.destination_id();
  destination.kind = static_cast<int16_t>(request.kind());
  destination.display_name = request.display_name();
  destination.settings = SettingsFromProto(request.settings(), &violations);
  SNAPLEDGER_RETURN_IF_ERROR(StatusOf(std::move(violations)));
  return destination;
}

std::string NewTokenId() {
  std::string bytes(kTokenIdBytes, '\0');
  SNAPLEDGER_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kTokenIdBytes) == 1);
  return absl::BytesToHexString(bytes);
}

absl::Status DestinationExistsError(std::string_view destination_id) {
  absl::Status status =
      absl::AlreadyExistsError(base::Concat("there is a destination ", destination_id, " already"));
  base::ErrorDetails details;
  details.reason = base::ErrorReason::kDestinationExists;
  details.resource = base::MissingResource{"destination", std::string(destination_id)};
  base::SetErrorDetails(details, &status);
  return status;
}

absl::Status KindFixedError() {
  return base::FailedPreconditionError(base::ErrorReason::kDestinationKindFixed, "kind",
                                       "a destination of this id and of the other kind was "
                                       "deleted; its events are kept, so its kind "
                                       "cannot change");
}

absl::Status HasEventsError(const storage::DestinationStore::OpenEvents& open) {
  return base::FailedPreconditionError(
      base::ErrorReason::kDestinationHasEvents, "destination",
      base::Concat("events of the destination are not final: ", open.pending, " PENDING, ",
                   open.in_flight, " IN_FLIGHT, ", open.in_doubt,
                   " IN_DOUBT; wait for them, or cancel or resolve them, and repeat"));
}

}  // namespace

absl::StatusOr<DestinationAdmin::SealedToken> DestinationAdmin::Seal(
    std::string_view destination_id, const std::string& access_token) {
  SealedToken token;
  token.token_id = NewTokenId();
  SNAPLEDGER_ASSIGN_OR_RETURN(token.sealed,
                              envelope_.SealSecret(base::Secret(access_token),
                                                   TokenContext(destination_id, token.token_id)));
  return token;
}

absl::StatusOr<DestinationAdmin::SealedToken> DestinationAdmin::LiveOrSealed(
    const std::string& destination_id, const std::string& access_token) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::Destination stored, store_.Get(destination_id));
  for (const storage::DestinationToken& token : stored.tokens) {
    // One that does not open is not known to be the same.
    const absl::StatusOr<base::Secret> live =
        envelope_.OpenSecret(token.sealed, TokenContext(destination_id, token.token_id));
    if (live.ok() && IsSameToken(live->Reveal(), access_token)) {
      return SealedToken{token.token_id, token.sealed};
    }
  }
  return Seal(destination_id, access_token);
}

absl::StatusOr<storage::Destination> DestinationAdmin::AddToken(
    const v1::RotateDestinationTokenRequest& request, std::string_view actor) {
  absl::MutexLock lock(&token_mutex_);
  SNAPLEDGER_ASSIGN_OR_RETURN(const SealedToken token,
                              LiveOrSealed(request.destination_id(), request.access_token()));
  return store_.RotateToken(request.destination_id(), token.token_id, token.sealed,
                            request.drop_others(), actor);
}

absl::Status DestinationAdmin::Create(const v1::CreateDestinationRequest& request,
                                      std::string_view actor, v1::Destination* destination) {
  SNAPLEDGER_ASSIGN_OR_RETURN(auto made, Validate(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(SealedToken token, Seal(made.destination_id, request.access_token()));
  made.token_id = std::move(token.token_id);
  made.sealed_token = std::move(token.sealed);
  const absl::StatusOr<storage::Destination> stored = store_.Create(made, actor);
  if (absl::IsAlreadyExists(stored.status())) return DestinationExistsError(made.destination_id);
  if (absl::IsInvalidArgument(stored.status())) return KindFixedError();
  return Changed(stored, made.destination_id, destination);
}

absl::Status DestinationAdmin::Get(std::string_view destination_id, v1::Destination* destination) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckedId(destination_id));
  const absl::StatusOr<storage::Destination> stored = store_.Get(destination_id);
  if (absl::IsNotFound(stored.status())) return base::DestinationNotFoundError(destination_id);
  SNAPLEDGER_RETURN_IF_ERROR(stored.status());
  ToProto(*stored, destination);
  return absl::OkStatus();
}

absl::Status DestinationAdmin::Update(const v1::UpdateDestinationRequest& request,
                                      std::string_view actor, v1::Destination* destination) {
  Violations violations;
  CheckDestinationId(request.destination_id(), &violations);
  CheckText("display_name", request.display_name(), kDisplayNameBytesMax, &violations);
  storage::DestinationSettings settings = SettingsFromProto(request.settings(), &violations);
  SNAPLEDGER_RETURN_IF_ERROR(StatusOf(std::move(violations)));
  settings.lane_count = request.settings().lane_count();
  return Changed(store_.Update(request.destination_id(), request.display_name(), settings, actor),
                 request.destination_id(), destination);
}

absl::Status DestinationAdmin::Pause(const v1::PauseDestinationRequest& request,
                                     std::string_view actor, v1::Destination* destination) {
  Violations violations;
  CheckDestinationId(request.destination_id(), &violations);
  CheckText("reason", request.reason(), kPauseReasonBytesMax, &violations);
  SNAPLEDGER_RETURN_IF_ERROR(StatusOf(std::move(violations)));
  return Changed(store_.Pause(request.destination_id(), storage::PauseKind::kOperator,
                              request.reason(), actor),
                 request.destination_id(), destination);
}

absl::Status DestinationAdmin::Resume(std::string_view destination_id, std::string_view actor,
                                      v1::Destination* destination) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckedId(destination_id));
  return Changed(store_.Resume(destination_id, storage::PauseKind::kNone, actor), destination_id,
                 destination);
}

absl::Status DestinationAdmin::Delete(std::string_view destination_id, std::string_view actor) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckedId(destination_id));
  const auto open = store_.Delete(destination_id, actor);
  if (absl::IsNotFound(open.status())) return base::DestinationNotFoundError(destination_id);
  SNAPLEDGER_RETURN_IF_ERROR(open.status());
  if (!open->none()) return HasEventsError(*open);
  RefreshDirectory();
  return absl::OkStatus();
}

absl::Status DestinationAdmin::RotateToken(const v1::RotateDestinationTokenRequest& request,
                                           std::string_view actor, v1::Destination* destination) {
  Violations violations;
  CheckDestinationId(request.destination_id(), &violations);
  CheckAccessToken(request.access_token(), &violations);
  SNAPLEDGER_RETURN_IF_ERROR(StatusOf(std::move(violations)));
  return Changed(AddToken(request, actor), request.destination_id(), destination);
}

absl::Status DestinationAdmin::List(std::string_view after_id, int limit,
                                    v1::ListDestinationsResponse* response, bool* more) {
  // One more than asked for tells whether others follow.
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::Destination> page,
                              store_.List(after_id, limit + 1));
  *more = page.size() > static_cast<size_t>(limit);
  const size_t count = std::min(page.size(), static_cast<size_t>(limit));
  for (size_t i = 0; i < count; ++i) ToProto(page[i], response->add_destinations());
  return absl::OkStatus();
}

void DestinationAdmin::RefreshDirectory() {
  // The change is durable; a directory that could not be read now is read again within a second.
  if (const absl::Status refreshed = directory_.Refresh(); !refreshed.ok()) {
    base::Log(base::Severity::kWarning, "destinations could not be read after a change",
              {{"status", std::string(base::AsStd(refreshed.message()))}});
  }
}

absl::Status DestinationAdmin::Changed(const absl::StatusOr<storage::Destination>& stored,
                                       std::string_view destination_id,
                                       v1::Destination* destination) {
  if (absl::IsNotFound(stored.status())) return base::DestinationNotFoundError(destination_id);
  SNAPLEDGER_RETURN_IF_ERROR(stored.status());
  ToProto(*stored, destination);
  RefreshDirectory();
  on_changed_(stored->shards);
  return absl::OkStatus();
}

}  // namespace snapledger::destinations
