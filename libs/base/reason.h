// Every machine-readable error reason of Niwaki, in one list. Clients may switch on them; a reason
// is never renamed.

#ifndef NIWAKI_LIBS_BASE_REASON_H_
#define NIWAKI_LIBS_BASE_REASON_H_

namespace niwaki {
namespace reason {

// Input that is wrong in any state.
inline constexpr char kArgumentInvalid[] = "ARGUMENT_INVALID";
inline constexpr char kSpaceInvalid[] = "SPACE_INVALID";
inline constexpr char kSubnetInvalid[] = "SUBNET_INVALID";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kScoreNotFinite[] = "SCORE_NOT_FINITE";
inline constexpr char kFileMalformed[] = "FILE_MALFORMED";
inline constexpr char kMessageTooLarge[] = "MESSAGE_TOO_LARGE";

// Something named does not exist, or exists already.
inline constexpr char kSpaceUnknown[] = "SPACE_UNKNOWN";
inline constexpr char kDeviceUnknown[] = "DEVICE_UNKNOWN";
inline constexpr char kSupernetUnknown[] = "SUPERNET_UNKNOWN";
inline constexpr char kJobUnknown[] = "JOB_UNKNOWN";
inline constexpr char kCandidateUnknown[] = "CANDIDATE_UNKNOWN";
inline constexpr char kWorkerUnknown[] = "WORKER_UNKNOWN";
inline constexpr char kArtifactUnknown[] = "ARTIFACT_UNKNOWN";
inline constexpr char kFileUnknown[] = "FILE_UNKNOWN";
inline constexpr char kAlreadyExists[] = "ALREADY_EXISTS";

// Wrong in this state.
inline constexpr char kBudgetUnsatisfiable[] = "BUDGET_UNSATISFIABLE";
inline constexpr char kJobNotRunning[] = "JOB_NOT_RUNNING";
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";
inline constexpr char kDeviceChanged[] = "DEVICE_CHANGED";
inline constexpr char kTableVersionGone[] = "TABLE_VERSION_GONE";
inline constexpr char kWorkerSuperseded[] = "WORKER_SUPERSEDED";
inline constexpr char kSupernetMismatch[] = "SUPERNET_MISMATCH";
inline constexpr char kSchemaTooNew[] = "SCHEMA_TOO_NEW";
inline constexpr char kAddressInUse[] = "ADDRESS_IN_USE";
inline constexpr char kToolMissing[] = "TOOL_MISSING";
inline constexpr char kDatabaseLocked[] = "DATABASE_LOCKED";
inline constexpr char kDatabaseForeign[] = "DATABASE_FOREIGN";
inline constexpr char kLatencyUnknown[] = "LATENCY_UNKNOWN";
inline constexpr char kLeaderFenced[] = "LEADER_FENCED";

// Leases and scores.
inline constexpr char kLeaseUnknown[] = "LEASE_UNKNOWN";
inline constexpr char kLeaseExpired[] = "LEASE_EXPIRED";
inline constexpr char kLeaseFenced[] = "LEASE_FENCED";
inline constexpr char kScoreConflict[] = "SCORE_CONFLICT";
inline constexpr char kCandidatePoisonous[] = "CANDIDATE_POISONOUS";

// Data that is damaged, and resources that ran out.
inline constexpr char kDigestMismatch[] = "DIGEST_MISMATCH";
inline constexpr char kDataCorrupt[] = "DATA_CORRUPT";
inline constexpr char kDiskFull[] = "DISK_FULL";
inline constexpr char kOutOfMemory[] = "OUT_OF_MEMORY";
inline constexpr char kQueueFull[] = "QUEUE_FULL";

// Boards (libs/board/failure).
inline constexpr char kBoardBusy[] = "BOARD_BUSY";
inline constexpr char kBoardVanished[] = "BOARD_VANISHED";
inline constexpr char kBoardReset[] = "BOARD_RESET";
inline constexpr char kBoardFault[] = "BOARD_FAULT";
inline constexpr char kBoardGarbled[] = "BOARD_GARBLED";
inline constexpr char kBoardRefused[] = "BOARD_REFUSED";
inline constexpr char kBoardMismatch[] = "BOARD_MISMATCH";
inline constexpr char kNetworkFault[] = "NETWORK_FAULT";
inline constexpr char kCommandFailed[] = "COMMAND_FAILED";

// Boards and what is measured on them (libs/measure).
inline constexpr char kBoardUnknown[] = "BOARD_UNKNOWN";
inline constexpr char kBoardTaken[] = "BOARD_TAKEN";
inline constexpr char kBoardUnregistered[] = "BOARD_UNREGISTERED";
inline constexpr char kBoardWrongOutput[] = "BOARD_WRONG_OUTPUT";
inline constexpr char kMeasurementUnknown[] = "MEASUREMENT_UNKNOWN";

// The world outside.
inline constexpr char kSystemError[] = "SYSTEM_ERROR";
inline constexpr char kOracleUnavailable[] = "ORACLE_UNAVAILABLE";
inline constexpr char kShuttingDown[] = "SHUTTING_DOWN";
inline constexpr char kServiceUnavailable[] = "SERVICE_UNAVAILABLE";
inline constexpr char kDeadlineExceeded[] = "DEADLINE_EXCEEDED";
inline constexpr char kCancelled[] = "CANCELLED";
inline constexpr char kMethodUnknown[] = "METHOD_UNKNOWN";

}  // namespace reason
}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_REASON_H_
