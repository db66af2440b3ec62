#include "libs/latency/lookup_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/lookup_rows.h"
#include "libs/store/migrate.h"
#include "libs/store/transaction.h"

namespace niwaki::latency {
namespace {

using store::Connection;

// "nwkl" in ASCII.
constexpr int32_t kApplicationId = 0x6e776b6c;
constexpr double kMaxMicros = 1e9;
constexpr size_t kMaxSourceLength = 200;
constexpr size_t kMaxName = 63;
constexpr size_t kMaxText = 80;
constexpr double kMaxCount = 1e15;
constexpr double kMicros = 1e6;
// Of a latency against what was counted: files round.
constexpr double kSameLatency = 1e-6;
constexpr char kTokenSeparator = '\n';
// Versions before the newest that are in memory: those of live jobs.
constexpr size_t kOldSnapshots = 8;

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value, " is not ", limit));
}

absl::Status Corrupt(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Message(absl::StrCat("lookup table holds a row that cannot be: ", what));
}

absl::Status VersionGone(int64_t version, int64_t oldest, int64_t newest) {
  const std::string kept = absl::StrCat(oldest, " to ", newest);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kTableVersionGone)
      .Field("table_version")
      .Value(version)
      .Limit(kept)
      .Message(
          absl::StrCat("version ", version, " of the latency table is not there: it keeps ", kept));
}

bool IsMicros(double value) { return value >= 0 && value <= kMaxMicros; }

// The version that a repeated request was answered with; nullopt for a new request.
absl::StatusOr<std::optional<int64_t>> RememberedVersion(Connection& connection,
                                                         const store::RequestRecord& request) {
  NIWAKI_ASSIGN_OR_RETURN(const auto known, store::FindRequest(connection, request.request_id));
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<std::string> answer, store::AnswerOf(known, request));
  if (!answer.has_value()) return std::nullopt;
  int64_t version = 0;
  if (!absl::SimpleAtoi(*answer, &version)) return Corrupt("answer of a request");
  return version;
}

// Before the version grows, if it does.
absl::Status Remember(Connection& connection, store::RequestRecord request, bool changed) {
  if (request.request_id.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      store::ForgetRequestsBefore(connection, request.create_time - store::kRequestMemory));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          connection.QueryInt("SELECT version FROM version"));
  request.response = absl::StrCat(version + (changed ? 1 : 0));
  return store::WriteRequest(connection, request);
}

// A new database gets the default models; one that had them keeps its own.
absl::Status SeedModels(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t models, connection.QueryInt("SELECT count(*) FROM model"));
  if (models > 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(auto transaction, store::Transaction::Begin(connection));
  NIWAKI_ASSIGN_OR_RETURN(const KeptVersions kept, ReadKeptVersions(connection));
  for (const LatencyModel& model : DefaultModels()) {
    NIWAKI_RETURN_IF_ERROR(PutRow(connection, model, kept.newest + 1));
  }
  NIWAKI_RETURN_IF_ERROR(BumpVersion(connection));
  return transaction.Commit();
}

std::string TokenOf(absl::string_view device, const EntryKey& last) {
  const auto& [of, signature, provenance, form, build] = last;
  const std::string number = absl::StrCat(static_cast<int>(provenance));
  return absl::WebSafeBase64Escape(absl::StrJoin(
      {std::string(device), of, signature, number, form, build.placement, build.kernel_set,
       build.firmware_digest, build.compiler_digest, build.engine_version},
      std::string(1, kTokenSeparator)));
}

absl::StatusOr<EntryKey> KeyOfToken(absl::string_view device, absl::string_view token) {
  std::string text;
  int number = 0;
  if (token.size() < 3000 && absl::WebSafeBase64Unescape(token, &text)) {
    const std::vector<std::string> parts = absl::StrSplit(text, kTokenSeparator);
    if (parts.size() == 10 && parts[0] == device && (device.empty() || parts[1] == device) &&
        absl::SimpleAtoi(parts[3], &number) && cost::ProvenanceFromNumber(number).has_value()) {
      return EntryKey(parts[1], parts[2], *cost::ProvenanceFromNumber(number), parts[4],
                      {parts[5], parts[6], parts[7], parts[8], parts[9]});
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid)
      .Field("page_token")
      .Value(token.substr(0, 100))
      .Message("page token was not given for this list");
}

// Whether `text` is at most `limit` letters, digits and what stands in texts of forms and names.
bool IsPlain(absl::string_view text, size_t limit) {
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains(" _-./,:", c)) return false;
  }
  return text.size() <= limit;
}

// All of it, or nothing.
absl::Status CheckBuild(const LookupEntry& entry, absl::string_view field) {
  const RowBuild& build = entry.build;
  const auto name = [&](absl::string_view part) { return absl::StrCat(field, ".build.", part); };
  if (!build.known()) {
    const bool nothing = build == RowBuild();
    return nothing ? absl::OkStatus()
                   : Wrong(name("engine_version"), "", "set, as the rest of the build is");
  }
  for (const auto& [part, text] :
       {std::pair("engine_version", &build.engine_version),
        std::pair("placement", &build.placement), std::pair("kernel_set", &build.kernel_set)}) {
    if (text->empty() || !IsPlain(*text, kMaxName)) {
      return Wrong(name(part), absl::string_view(*text).substr(0, kMaxSourceLength),
                   "1 to 63 letters, digits and ' _-./,:'");
    }
  }
  for (const auto& [part, text] : {std::pair("firmware_digest", &build.firmware_digest),
                                   std::pair("compiler_digest", &build.compiler_digest)}) {
    if (!IsSha256Hex(*text)) {
      return Wrong(name(part), absl::string_view(*text).substr(0, kMaxSourceLength),
                   "SHA-256 in hexadecimal");
    }
  }
  return absl::OkStatus();
}

// What was counted: a number and its unit, and the clock that makes a latency of it.
absl::Status CheckCount(const LookupEntry& entry, absl::string_view field) {
  const auto name = [&](absl::string_view part) { return absl::StrCat(field, ".", part); };
  const bool nothing =
      entry.counted == 0 && entry.counted_spread == 0 && entry.unit.empty() && entry.clock_hz == 0;
  if (nothing && !entry.build.known()) return absl::OkStatus();
  if (!(entry.counted >= 0 && entry.counted <= kMaxCount)) {
    return Wrong(name("counted"), entry.counted, "from 0 to 1e15");
  }
  if (!(entry.counted_spread >= 0 && entry.counted_spread <= kMaxCount)) {
    return Wrong(name("counted_spread"), entry.counted_spread, "from 0 to 1e15");
  }
  const bool emulated = entry.provenance == cost::Provenance::kEmulated;
  const absl::string_view unit = emulated ? "instructions" : "cycles";
  if (entry.unit != unit) return Wrong(name("unit"), entry.unit, unit);
  if (entry.clock_hz < 1) return Wrong(name("clock_hz"), entry.clock_hz, "from 1");
  const double us = entry.counted * kMicros / static_cast<double>(entry.clock_hz);
  if (std::abs(us - entry.latency_us) <= kSameLatency * us + kSameLatency) return absl::OkStatus();
  return Wrong(name("latency_us"), entry.latency_us,
               absl::StrCat("what it counted takes at its clock: ", us));
}

}  // namespace

absl::Status Validate(const LookupEntry& entry, const LatencySnapshot& snapshot,
                      absl::string_view field) {
  const auto name = [&](absl::string_view part) { return absl::StrCat(field, ".", part); };
  const auto device = snapshot.FindDevice(entry.device);
  if (!device.ok()) {
    absl::Status status = device.status();
    ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
    detail.field = name("device");
    SetErrorDetail(status, detail);
    return status;
  }
  if (const absl::Status status = CheckSignature(entry.signature); !status.ok()) {
    return Wrong(name("signature"), absl::string_view(entry.signature).substr(0, 200),
                 GetErrorDetail(status).value_or(ErrorDetail{}).limit);
  }
  if (!IsMicros(entry.latency_us)) {
    return Wrong(name("latency_us"), entry.latency_us, "from 0 to 1e9");
  }
  if (!IsMicros(entry.spread_us)) {
    return Wrong(name("spread_us"), entry.spread_us, "from 0 to 1e9");
  }
  if (entry.count < 1) return Wrong(name("count"), entry.count, "from 1");
  if (!IsOfEntry(entry.provenance)) {
    return Wrong(name("provenance"), static_cast<int>(entry.provenance),
                 "MEASURED, EMULATED or PREDICTED");
  }
  if (entry.source.size() > kMaxSourceLength) {
    return Wrong(name("source"), absl::string_view(entry.source).substr(0, kMaxSourceLength),
                 "at most 200 characters");
  }
  for (const auto& [part, text] : {std::pair("form", &entry.form), std::pair("board", &entry.board),
                                   std::pair("measurement", &entry.measurement)}) {
    if (!IsPlain(*text, kMaxText)) {
      return Wrong(name(part), absl::string_view(*text).substr(0, kMaxSourceLength),
                   "at most 80 letters, digits and ' _-./,:'");
    }
  }
  NIWAKI_RETURN_IF_ERROR(CheckBuild(entry, field));
  return CheckCount(entry, field);
}

LookupTable::LookupTable(std::unique_ptr<Connection> connection)
    : snapshot_(std::make_shared<const LatencySnapshot>()),
      writer_(std::make_unique<store::GroupCommitWriter>(std::move(connection),
                                                         store::GroupCommitOptions())) {}

LookupTable::~LookupTable() { writer_->Stop(); }

absl::StatusOr<std::unique_ptr<LookupTable>> LookupTable::Open(
    const std::string& path, const store::ConnectionOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(auto connection, Connection::Open(path, options));
  NIWAKI_RETURN_IF_ERROR(store::Migrate(*connection, kApplicationId, LookupMigrations()));
  NIWAKI_RETURN_IF_ERROR(SeedModels(*connection));
  auto table = absl::WrapUnique(new LookupTable(std::move(connection)));
  NIWAKI_RETURN_IF_ERROR(
      table->writer_->Run([&](Connection& writing) { return table->LoadNewest(writing); }));
  return table;
}

absl::StatusOr<std::shared_ptr<const LatencySnapshot>> LookupTable::Load(Connection& connection,
                                                                         int64_t version) {
  SnapshotEditor editor((LatencySnapshot()));
  NIWAKI_RETURN_IF_ERROR(LoadVersion(connection, version, editor));
  return editor.Finish(version);
}

absl::Status LookupTable::LoadNewest(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(const KeptVersions kept, ReadKeptVersions(connection));
  NIWAKI_ASSIGN_OR_RETURN(auto newest, Load(connection, kept.newest));
  absl::MutexLock lock(&mutex_);
  oldest_version_ = kept.oldest;
  snapshot_ = std::move(newest);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const LatencySnapshot>> LookupTable::SnapshotAt(int64_t version) {
  {
    absl::MutexLock lock(&mutex_);
    if (version == 0 || version == snapshot_->version()) return snapshot_;
    if (version < oldest_version_ || version > snapshot_->version()) {
      return VersionGone(version, oldest_version_, snapshot_->version());
    }
    for (auto it = old_.begin(); it != old_.end(); ++it) {
      if ((*it)->version() != version) continue;
      std::rotate(it, it + 1, old_.end());
      return old_.back();
    }
  }
  std::shared_ptr<const LatencySnapshot> loaded;
  NIWAKI_RETURN_IF_ERROR(writer_->Run([&](Connection& connection) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(loaded, Load(connection, version));
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mutex_);
  if (old_.size() == kOldSnapshots) old_.erase(old_.begin());
  old_.push_back(loaded);
  return loaded;
}

std::shared_ptr<const LatencySnapshot> LookupTable::snapshot() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

absl::StatusOr<int64_t> LookupTable::Write(const Change& work,
                                           const std::function<void(SnapshotEditor&)>& edit) {
  bool changed = false;
  absl::Status result;
  int64_t version = 0;
  absl::Notification finished;
  const auto run = [&](Connection& connection) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(const KeptVersions kept, ReadKeptVersions(connection));
    NIWAKI_ASSIGN_OR_RETURN(changed, work(connection, kept.newest + 1));
    return changed ? BumpVersion(connection) : absl::OkStatus();
  };
  // Only the writer's thread replaces the snapshot, in commit order, so versions equal the
  // database's.
  const auto done = [&](const absl::Status& status) {
    result = status;
    auto next = snapshot();
    if (status.ok() && changed) {
      SnapshotEditor editor(*next);
      edit(editor);
      next = editor.Finish(next->version() + 1);
      absl::MutexLock lock(&mutex_);
      snapshot_ = next;
    }
    version = next->version();
    finished.Notify();
  };
  NIWAKI_RETURN_IF_ERROR(writer_->Submit(run, done));
  finished.WaitForNotification();
  NIWAKI_RETURN_IF_ERROR(result);
  return version;
}

absl::StatusOr<int64_t> LookupTable::WriteOnce(const store::RequestRecord& request,
                                               const Change& change,
                                               const std::function<void(SnapshotEditor&)>& edit) {
  std::optional<int64_t> remembered;
  NIWAKI_ASSIGN_OR_RETURN(
      const int64_t version,
      Write(
          [&](Connection& connection, int64_t next) -> absl::StatusOr<bool> {
            NIWAKI_ASSIGN_OR_RETURN(remembered, RememberedVersion(connection, request));
            if (remembered.has_value()) return false;
            NIWAKI_ASSIGN_OR_RETURN(const bool changed, change(connection, next));
            NIWAKI_RETURN_IF_ERROR(Remember(connection, request, changed));
            return changed;
          },
          edit));
  return remembered.value_or(version);
}

absl::StatusOr<int64_t> LookupTable::Put(const std::vector<LookupEntry>& entries,
                                         const store::RequestRecord& request) {
  const auto now = snapshot();
  for (size_t i = 0; i < entries.size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(Validate(entries[i], *now, absl::StrCat("entries[", i, "]")));
  }
  return WriteOnce(
      request,
      [&](Connection& connection, int64_t next) -> absl::StatusOr<bool> {
        bool changed = false;
        for (const LookupEntry& entry : entries) {
          NIWAKI_ASSIGN_OR_RETURN(const bool one, PutRow(connection, entry, next));
          changed |= one;
        }
        return changed;
      },
      [&](SnapshotEditor& editor) {
        for (const LookupEntry& entry : entries) editor.Put(entry);
      });
}

absl::StatusOr<int64_t> LookupTable::Delete(const std::string& device,
                                            const std::string& signature) {
  int64_t deleted = 0;
  NIWAKI_RETURN_IF_ERROR(
      Write(
          [&](Connection& connection, int64_t next) -> absl::StatusOr<bool> {
            NIWAKI_ASSIGN_OR_RETURN(deleted, EndEntries(connection, device, signature, next));
            return deleted > 0;
          },
          [&](SnapshotEditor& editor) {
            const auto now = snapshot();
            auto it =
                now->entries().lower_bound({device, signature, cost::Provenance{}, "", RowBuild()});
            for (; it != now->entries().end() && std::get<0>(it->first) == device; ++it) {
              if (signature.empty() || std::get<1>(it->first) == signature) editor.Erase(it->first);
            }
          })
          .status());
  return deleted;
}

absl::StatusOr<int64_t> LookupTable::Withdraw(const std::string& measurement) {
  std::vector<EntryKey> ended;
  NIWAKI_RETURN_IF_ERROR(Write(
                             [&](Connection& connection, int64_t next) -> absl::StatusOr<bool> {
                               NIWAKI_ASSIGN_OR_RETURN(ended,
                                                       EndRowsOf(connection, measurement, next));
                               return !ended.empty();
                             },
                             [&](SnapshotEditor& editor) {
                               for (const EntryKey& key : ended) editor.Erase(key);
                             })
                             .status());
  return static_cast<int64_t>(ended.size());
}

absl::StatusOr<int64_t> LookupTable::PutDevice(const device::Device& device,
                                               const store::RequestRecord& request) {
  NIWAKI_RETURN_IF_ERROR(device::Validate(device));
  if (device::FindDevice(device.name).ok()) {
    return Error(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists)
        .Field("name")
        .Value(device.name)
        .Limit("a name of your own")
        .Message(absl::StrCat("device '", device.name,
                              "' is in the catalogue; give yours another name"));
  }
  return WriteOnce(
      request,
      [&](Connection& connection, int64_t next) { return PutRow(connection, device, next); },
      [&](SnapshotEditor& editor) { editor.PutDevice(device); });
}

absl::StatusOr<int64_t> LookupTable::PutModel(const LatencyModel& model) {
  NIWAKI_RETURN_IF_ERROR(Validate(model));
  return Write(
      [&](Connection& connection, int64_t next) -> absl::StatusOr<bool> {
        NIWAKI_RETURN_IF_ERROR(PutRow(connection, model, next));
        return true;
      },
      [&](SnapshotEditor& editor) { editor.PutModel(model); });
}

absl::StatusOr<EntryPage> ListEntries(const LatencySnapshot& snapshot, absl::string_view device,
                                      int page_size, absl::string_view page_token) {
  const auto& entries = snapshot.entries();
  auto it = entries.lower_bound({std::string(device), "", cost::Provenance{}, "", RowBuild()});
  if (!page_token.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const EntryKey last, KeyOfToken(device, page_token));
    it = entries.upper_bound(last);
  }
  EntryPage page;
  const auto in_list = [&] {
    return it != entries.end() && (device.empty() || std::get<0>(it->first) == device);
  };
  for (; in_list() && static_cast<int>(page.entries.size()) < page_size; ++it) {
    page.entries.push_back(it->second);
  }
  if (in_list() && !page.entries.empty()) {
    page.next_page_token = TokenOf(device, std::prev(it)->first);
  }
  return page;
}

absl::Status LookupTable::Probe() {
  return writer_->Run([](Connection& connection) {
    return connection.QueryInt("SELECT version FROM version").status();
  });
}

}  // namespace niwaki::latency
