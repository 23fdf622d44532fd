// A Dockerfile as values: instructions with exact source ranges, stages, and what a target needs.
// Text in, values out; knows nothing of BuildKit's running.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.h"

namespace buildlab::dockerfile {

// 1-based, both inclusive, as BuildKit reports them; a heredoc's body and its end marker are part of it.
struct LineRange {
  int first = 0;
  int last = 0;

  friend auto operator<=>(const LineRange&, const LineRange&) = default;
};

struct Instruction {
  std::string keyword;  // upper case: "RUN"
  std::string text;  // as written, line continuations joined by one blank, comments left out: "RUN apt-get …"
  LineRange lines;
  std::vector<std::string> flags;  // "--mount=type=cache,target=/root/.npm", in order
  std::vector<std::string>
      arguments;  // words after the flags (one element with the whole text for RUN in shell form)
  std::vector<std::string> heredocs;  // bodies, in order
};

struct Stage {
  std::size_t index = 0;
  std::optional<std::string> name;  // after AS, lower case
  std::string base;                 // as written, variables not expanded
  std::optional<std::string> platform;
  Instruction from;
  std::vector<Instruction> instructions;  // without the FROM
  // What ONBUILD of the stage that it starts from has it do first. As BuildKit has it, they stand in the
  // lines of this stage's FROM; their text begins with ONBUILD, their keyword is the one behind it.
  std::vector<Instruction> triggers;

  // The name, else "stage-N" as BuildKit calls it.
  std::string label() const;
};

struct Dockerfile {
  std::optional<std::string> syntax;          // the `# syntax=` directive
  std::vector<Instruction> global_arguments;  // ARG before the first FROM
  std::vector<Stage> stages;                  // at least one
  char escape = '\\';                         // the `# escape=` directive: '\\' or '`'
};

// Errors are of kind usage and read "NAME:LINE: what is wrong". Accepts what BuildKit v0.32 accepts of
// structure (continuations, escape directive, heredocs, comments, CRLF, BOM, keyword case, ONBUILD); what
// stands inside an instruction is not validated beyond what the fields above need.
Result<Dockerfile> parse_dockerfile(std::string_view text, std::string_view name);

// A step that counts for hit ratios: RUN, COPY, ADD, WORKDIR (docs/numbers.md).
bool is_cacheable(const Instruction& instruction);
// Those of a stage in the order in which BuildKit numbers them, triggers first.
std::vector<const Instruction*> cacheable_steps(const Stage& stage);

// Indexes of the stages that `target` (a name, or nullopt for the last stage; BuildKit takes no number) is
// built from: FROM a stage, COPY --from, RUN --mount from=, also under ONBUILD of a stage it starts from;
// ascending, the target last. Variables are expanded with `build_args` and, as BuildKit does, with those of
// the platforms (TARGETARCH, …); `platform` is the target's, the host's when absent. An unknown target is a
// usage error that names the known ones.
Result<std::vector<std::size_t>> needed_stages(const Dockerfile& file,
                                               const std::optional<std::string>& target,
                                               const std::map<std::string, std::string>& build_args,
                                               const std::optional<std::string>& platform = std::nullopt);

// References to images from outside that the needed stages read (FROM, COPY --from, RUN --mount from=, and
// the syntax directive last), expanded, in order, each once; not "scratch", no stage names.
Result<std::vector<std::string>> external_images(const Dockerfile& file,
                                                 const std::optional<std::string>& target,
                                                 const std::map<std::string, std::string>& build_args,
                                                 const std::optional<std::string>& platform = std::nullopt);

}  // namespace buildlab::dockerfile
