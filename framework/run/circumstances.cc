#include "framework/run/circumstances.h"

#include <sys/utsname.h>
#include <unistd.h>
#include <fstream>
#include <thread>

#include "framework/process/command.h"
#include "framework/run/version.h"

namespace buildlab::run {

std::string tool_version() {
  return BUILDLAB_VERSION;
}

record::Circumstances describe_machine(const engine::Toolchain& toolchain) {
  record::Circumstances circumstances;
  circumstances.tool_version = tool_version();
  circumstances.buildkit_version = toolchain.buildkitd.version;
  circumstances.buildkit_origin = toolchain.buildkitd.origin;
  circumstances.runc_version = toolchain.runc.version;
  // The daemon runs the first of these from its PATH to decompress layers (BuildKit, util/compression).
  circumstances.decompressor = "built-in";
  for (const char* name : {"igzip", "unpigz"}) {
    if (process::find_program(name)) {
      circumstances.decompressor = name;
      break;
    }
  }
  circumstances.cores = static_cast<int>(std::thread::hardware_concurrency());
  utsname names{};
  if (::uname(&names) == 0) circumstances.kernel = names.release;
  std::ifstream("/proc/loadavg") >> circumstances.load_1min;
  circumstances.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                               static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return circumstances;
}

void describe_subject(record::Circumstances& circumstances, const SubjectState& subject,
                      const context::ContextCopy& copy) {
  circumstances.dockerfile_digest = subject.dockerfile_digest.text();
  circumstances.context_digest = copy.digest.text();
  circumstances.context_left_out = copy.left_out;
  circumstances.source_date_epoch = subject.source_date_epoch;
  circumstances.rewrite_timestamp = subject.subject->rewrite_timestamp;
}

void describe_bases(record::Circumstances& circumstances, const std::vector<engine::ResolvedBase>& bases) {
  circumstances.bases.clear();
  for (const engine::ResolvedBase& base : bases) {
    circumstances.bases.push_back(
        {base.reference, base.digest.text(), base.made_locally, base.trusts_host_authorities});
  }
}

}  // namespace buildlab::run
