// The client's standard error, divided while it comes: JSON lines are the progress stream, all others
// messages.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "framework/base/file.h"
#include "framework/base/result.h"
#include "framework/engine/log_redactor.h"
#include "framework/engine/request.h"

namespace buildlab::engine {

class BuildOutput {
 public:
  static Result<BuildOutput> create(const std::filesystem::path& progress,
                                    const std::filesystem::path& messages, Redactor redactor);

  // One line without its newline: redacted, then written at once to the file that it belongs to. Returns what
  // was written when it is a line of the progress stream, else nothing.
  std::string_view take(std::string_view line);

  // The stream has ended: writes what was held back, and returns it like take.
  std::string_view finish();

  // The first error of writing, if there was one.
  const Status& status() const { return m_status; }
  // The end of the messages, at most 64 KiB.
  const std::string& message_tail() const { return m_tail; }

 private:
  BuildOutput(Fd progress, Fd messages, Redactor redactor)
      : m_progress(std::move(progress)), m_messages(std::move(messages)), m_redactor(std::move(redactor)) {}
  void write(const Fd& fd, std::string_view what);

  Fd m_progress;
  Fd m_messages;
  LogRedactor m_redactor;
  Status m_status;
  std::string m_line;
  std::string m_tail;
};

}  // namespace buildlab::engine
