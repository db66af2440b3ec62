// Statement: one prepared SQL statement on loan from its Connection.
//
//   NIWAKI_ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT b FROM t WHERE a = ?1"));
//   select.BindInt(1, 7);
//   while (true) {
//     NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
//     if (!row) break;
//     Use(select.ColumnText(0));
//   }
//
// A write in one line: NIWAKI_RETURN_IF_ERROR(insert.Run(7, "text", 1.5));

#ifndef NIWAKI_LIBS_STORE_STATEMENT_H_
#define NIWAKI_LIBS_STORE_STATEMENT_H_

#include <cstdint>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3_stmt;

namespace niwaki::store {

// Bytes that are bound or read as a BLOB where a plain string would be TEXT.
struct Blob {
  absl::string_view bytes;
};

// Move-only; not thread-safe; must not outlive its Connection. On destruction the statement is
// reset and its bindings cleared, and it returns to the connection's cache.
class Statement {
 public:
  // `in_use` (borrowed, may be null): the cache's mark, cleared on destruction; null means that the
  // statement is owned and finalised. Made by Connection::Prepare.
  Statement(sqlite3_stmt* statement, bool* in_use) : statement_(statement), in_use_(in_use) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters count from 1. A failed bind (no such parameter, too large) is reported by the next
  // Step. The bytes are copied.
  void BindInt(int index, int64_t value);
  void BindDouble(int index, double value);
  void BindText(int index, absl::string_view value);
  void BindBlob(int index, absl::string_view bytes);
  void BindNull(int index);

  // Binds parameters 1…n by the arguments' types: integers and bools, floating point, Blob,
  // nullptr, else text.
  template <typename... Args>
  void BindAll(const Args&... args) {
    int index = 0;
    (BindOne(++index, args), ...);
  }

  // Whether there is a row; its columns are valid until the next call. Errors as in
  // sqlite_status.h.
  absl::StatusOr<bool> Step();

  // Ready to be bound and stepped again; bindings are cleared.
  void Reset();

  // Reset, BindAll, then step to the end; rows are skipped.
  template <typename... Args>
  absl::Status Run(const Args&... args) {
    Reset();
    BindAll(args...);
    return RunToEnd();
  }

  // Columns count from 0; SQLite converts between types. Text and bytes are valid until the next
  // Step or Reset.
  int64_t ColumnInt(int column) const;
  double ColumnDouble(int column) const;
  absl::string_view ColumnText(int column) const;
  absl::string_view ColumnBlob(int column) const;
  bool ColumnIsNull(int column) const;

 private:
  template <typename T>
  void BindOne(int index, const T& value) {
    if constexpr (std::is_same_v<T, std::nullptr_t>) {
      BindNull(index);
    } else if constexpr (std::is_same_v<T, Blob>) {
      BindBlob(index, value.bytes);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      BindInt(index, static_cast<int64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      BindDouble(index, value);
    } else {
      BindText(index, value);
    }
  }

  absl::Status RunToEnd();
  void Remember(int code);
  void GiveBack();

  sqlite3_stmt* statement_;
  bool* in_use_;
  int bind_error_ = 0;
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_STATEMENT_H_
