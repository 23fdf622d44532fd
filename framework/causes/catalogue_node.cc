// Rows F: Node and the web.
#include <algorithm>
#include <array>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"
#include "framework/causes/scan.h"

namespace buildlab::causes {
namespace {

// "<sha1>\t{"key":…,"time":1795514400000,…}"
std::optional<Finding> cache_index(const ContentPair& pair, const Surroundings&) {
  const auto lines = checks::differing_lines(pair);
  if (!lines || lines->empty()) return std::nullopt;
  Finding finding = {true, {}};
  for (const LinePair& line : *lines) {
    const std::size_t tab_a = line.a.find('\t');
    const std::size_t tab_b = line.b.find('\t');
    if (tab_a != 40 || tab_b != 40) return std::nullopt;
    const ContentPair rest{pair.path, line.a.substr(tab_a), line.b.substr(tab_b)};
    const auto time = checks::values(rest, {{"\"time\":", ",}"}});
    if (!time) return std::nullopt;
    finding.proven = finding.proven && time->proven;
    finding.evidence.push_back("line " + std::to_string(line.number) + ": \"time\" " +
                               time->evidence.front());
  }
  return finding;
}

std::optional<Finding> other_versions(const ContentPair& pair, const Surroundings&) {
  auto found = checks::lines_with(pair, {"\"version\":"});
  // Names and sums of what was fetched change with the version.
  if (found) {
    const auto all = checks::lines_with(pair, {"\"version\":", "\"resolved\":", "\"integrity\":"});
    found->proven = all && all->proven;
  }
  return found;
}

bool is_build_id(std::string_view text) {
  text = trim(text);
  const auto part = [](char c) { return is_word(c) || c == '-'; };
  return (text.size() == 21 || text.size() == 36) && std::all_of(text.begin(), text.end(), part);
}

std::optional<Finding> build_id(const ContentPair& pair, const Surroundings&) {
  if (!is_build_id(pair.a) || !is_build_id(pair.b)) return std::nullopt;
  return Finding{true, {change("line 1", trim(pair.a), trim(pair.b))}};
}

std::optional<Finding> page_with_build_id(const ContentPair& pair, const Surroundings&) {
  return checks::values(pair, {{"\"buildId\":\"", "\""},
                               {"\\\"buildId\\\":\\\"", "\\"},
                               {"\"b\":\"", "\""},
                               {"\\\"b\\\":\\\"", "\\"},
                               {"/_next/static/", "/\"'"},
                               {"<!--", ">"}});
}

std::optional<Finding> next_file(const ContentPair& pair, const Surroundings& surroundings) {
  if (auto id = build_id(pair, surroundings)) return id;
  return page_with_build_id(pair, surroundings);
}

std::optional<Finding> addon(const ContentPair& pair, const Surroundings& surroundings) {
  auto found = checks::any_generic(pair, surroundings);
  if (!found || found->kind != CauseClass::path) return std::nullopt;
  return found;
}

constexpr std::array k_node_rows = {
    Row{.id = "F1",
        .kind = CauseClass::time,
        .name = "npm's log has the time of its run, in its name too",
        .fix = "npm --logs-max=0, or RUN --mount=type=cache,target=/root/.npm",
        .paths = "*/.npm/_logs/*",
        .check = checks::times,
        .presence = "*/.npm/_logs/*"},
    Row{.id = "F2",
        .kind = CauseClass::time,
        .name = "npm's cache was kept, whose index has the time of each request",
        .fix =
            "npm cache clean --force in the RUN that installs, or RUN --mount=type=cache,target=/root/.npm",
        .paths = "*/_cacache/index-v5/*",
        .check = cache_index,
        .presence = "*/_cacache/*"},
    Row{.id = "F3",
        .kind = CauseClass::time,
        .name = "npm's background check for updates left the time of its run",
        .fix = "ENV NO_UPDATE_NOTIFIER=1, or rm -f /root/.npm/_update-notifier-last-checked",
        .paths = "*/.npm/_update-notifier-last-checked",
        .check = checks::by_path,
        .presence = "*/.npm/_update-notifier-last-checked"},
    Row{.id = "F4",
        .kind = CauseClass::fsmeta,
        .name = "Node's cache of compiled code was kept",
        .fix = "ENV NODE_DISABLE_COMPILE_CACHE=1, or rm -rf /tmp/node-compile-cache in the RUN that makes it",
        .paths = "*/node-compile-cache/*",
        .check = checks::by_path,
        .presence = "*/node-compile-cache */node-compile-cache/*"},
    Row{.id = "F5",
        .kind = CauseClass::vers,
        .name = "Node packages have other versions",
        .fix = "COPY package.json package-lock.json ./ and RUN npm ci in place of npm install",
        .paths = "*/node_modules/.package-lock.json */node_modules/*/package.json */package-lock.json",
        .check = other_versions},
    Row{.id = "F6",
        .kind = CauseClass::rand,
        .name = "Next.js drew a random build id",
        .fix = "generateBuildId in next.config.js with a fixed value, such as the commit",
        .paths = "*/.next/*",
        .check = next_file,
        .presence = "*/.next/static/?????????????????????"
                    "/*"},
    Row{.id = "F7",
        .kind = CauseClass::path,
        .name = "a native add-on keeps the folder that it was built in",
        .fix = "CFLAGS and CXXFLAGS with -ffile-prefix-map=$PWD=. for the RUN that installs",
        .paths = "*.node",
        .check = addon},
};

}  // namespace

std::span<const Row> node_rows() {
  return k_node_rows;
}

}  // namespace buildlab::causes
