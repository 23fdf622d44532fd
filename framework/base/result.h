// What a function returns that can fail in an expected way. Knows nothing of builds.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace buildlab {

// Decides the exit code (docs/exit-codes.md), so it says who has to act.
enum class ErrorKind {
  usage,           // wrong command line or invalid scenario file: exit 2
  build_failed,    // the build itself failed (a RUN, a missing file in COPY): exit 3
  not_evaluable,   // nothing wrong was seen, but nothing can be said either: exit 4
  infrastructure,  // no builder, disk full, no rights, a refused registry: exit 99
  interrupted,     // SIGINT or SIGTERM: exit 130
};

// `message` names the call or file and the cause in one sentence; `details` are further lines for a person:
// what was tried, and what to do. Context is added going up and nothing is dropped.
struct Error {
  ErrorKind kind = ErrorKind::infrastructure;
  std::string message;
  std::vector<std::string> details = {};

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                  std::vector<std::string> details = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(details)});
}

// The same error with `context` before its message: "reading x: no such file".
inline tl::unexpected<Error> fail_in(std::string_view context, Error error) {
  error.message = std::string(context) + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace buildlab

#define BUILDLAB_CONCAT_(a, b) a##b
#define BUILDLAB_CONCAT(a, b) BUILDLAB_CONCAT_(a, b)
// BUILDLAB_TRY(status_expression);  returns its error from the enclosing function
#define BUILDLAB_TRY(expr)                                                           \
  do {                                                                               \
    auto buildlab_status = (expr);                                                   \
    if (!buildlab_status) return tl::unexpected(std::move(buildlab_status).error()); \
  } while (false)
// BUILDLAB_ASSIGN(auto x, result_expression);  x = value, or returns the error
#define BUILDLAB_ASSIGN(target, expr)                                                      \
  auto BUILDLAB_CONCAT(buildlab_result_, __LINE__) = (expr);                               \
  if (!BUILDLAB_CONCAT(buildlab_result_, __LINE__))                                        \
    return tl::unexpected(std::move(BUILDLAB_CONCAT(buildlab_result_, __LINE__)).error()); \
  target = std::move(*BUILDLAB_CONCAT(buildlab_result_, __LINE__))  // NOLINT(bugprone-macro-parentheses)
