// Rows D: accounts.
#include <algorithm>
#include <array>
#include <map>

#include "framework/base/text.h"
#include "framework/causes/catalogue.h"
#include "framework/causes/checks.h"

namespace buildlab::causes {
namespace {

struct ShadowDifference {
  bool changed_day = false;
  bool salt = false;
  bool salt_certain = true;
  std::string first_day;
  std::string first_account;
};

// "$6$salt$hash", "$y$params$salt$hash": everything before the last part.
std::string_view salt_of(std::string_view field) {
  if (!field.starts_with('$')) return {};
  return field.substr(0, field.rfind('$'));
}

std::optional<ShadowDifference> shadow_difference(const ContentPair& pair) {
  const auto lines = checks::differing_lines(pair);
  if (!lines || lines->empty()) return std::nullopt;
  ShadowDifference found;
  for (const LinePair& line : *lines) {
    const auto a = split(line.a, ':');
    const auto b = split(line.b, ':');
    if (a.size() != b.size() || a.size() < 8) return std::nullopt;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      if (i == 2) {
        found.changed_day = true;
        if (found.first_day.empty()) {
          found.first_day =
              change("line " + std::to_string(line.number) + ", " + shown(a[0], 40), a[i], b[i]);
        }
      } else if (i == 1 && !salt_of(a[i]).empty() && !salt_of(b[i]).empty()) {
        found.salt = true;
        found.salt_certain = found.salt_certain && salt_of(a[i]) != salt_of(b[i]);
        if (found.first_account.empty()) {
          found.first_account = "line " + std::to_string(line.number) + ", " + shown(a[0], 40) +
                                ": another salt; values are not shown";
        }
      } else {
        return std::nullopt;
      }
    }
  }
  return found;
}

std::optional<Finding> day_of_change(const ContentPair& pair, const Surroundings&) {
  const auto found = shadow_difference(pair);
  if (!found || found->salt || !found->changed_day) return std::nullopt;
  return Finding{true, {found->first_day + " (days since 1970)"}};
}

std::optional<Finding> salted(const ContentPair& pair, const Surroundings&) {
  const auto found = shadow_difference(pair);
  if (!found || !found->salt) return std::nullopt;
  Finding finding{found->salt_certain, {found->first_account}};
  if (found->changed_day) finding.evidence.push_back(found->first_day + " (days since 1970)");
  return finding;
}

// The same accounts, of which some changed ids with each other.
std::optional<Finding> swapped_ids(const ContentPair& pair, const Surroundings&) {
  std::map<std::string_view, std::vector<std::string_view>> a;
  std::map<std::string_view, std::vector<std::string_view>> b;
  for (auto* side : {&a, &b}) {
    for (const std::string_view line : split(side == &a ? pair.a : pair.b, '\n')) {
      if (line.empty()) continue;
      auto fields = split(line, ':');
      if (fields.size() < 3 || !side->emplace(fields[0], fields).second) return std::nullopt;
      if (side->size() > 10'000) return std::nullopt;
    }
  }
  if (a.size() != b.size()) return std::nullopt;
  std::vector<std::string_view> ids_a;
  std::vector<std::string_view> ids_b;
  Finding finding = {true, {}};
  for (const auto& [name, fields] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second.size() != fields.size()) return std::nullopt;
    for (std::size_t i = 1; i < fields.size(); ++i) {
      if (fields[i] == other->second[i]) continue;
      // The id itself, and the group's id in passwd.
      if (i != 2 && !(i == 3 && fields.size() == 7)) return std::nullopt;
      ids_a.push_back(fields[i]);
      ids_b.push_back(other->second[i]);
      if (finding.evidence.size() < 3) {
        finding.evidence.push_back(change("id of " + shown(name, 40), fields[i], other->second[i]));
      }
    }
  }
  std::sort(ids_a.begin(), ids_a.end());
  std::sort(ids_b.begin(), ids_b.end());
  if (ids_a.empty() || ids_a != ids_b) return std::nullopt;
  return finding;
}

constexpr std::array k_account_rows = {
    Row{.id = "D1",
        .kind = CauseClass::time,
        .name = "shadow keeps the day on which the password was last changed",
        .fix = "useradd with SOURCE_DATE_EPOCH in the RUN's environment, or chage -d 0 <account> as the last "
               "step",
        .paths = "*/etc/shadow",
        .check = day_of_change},
    Row{.id = "D2",
        .kind = CauseClass::cache,
        .name = "a backup of the accounts' previous state was kept",
        .fix = "rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid- "
               "/etc/.pwd.lock",
        .paths = "*/etc/passwd- */etc/group- */etc/shadow- */etc/gshadow- */etc/subuid- */etc/subgid- "
                 "*/etc/.pwd.lock",
        .check = checks::secret,
        .presence = "*/etc/passwd- */etc/group- */etc/shadow- */etc/gshadow- */etc/subuid- */etc/subgid- "
                    "*/etc/.pwd.lock"},
    Row{.id = "D3",
        .kind = CauseClass::perm,
        .name = "accounts got their ids in another order",
        .fix = "give ids: useradd --uid, groupadd --gid, adduser -u",
        .paths = "*/etc/passwd */etc/group */etc/subuid */etc/subgid",
        .check = swapped_ids},
    Row{.id = "D4",
        .kind = CauseClass::rand,
        .name = "a password was hashed with a random salt",
        .fix = "lock the account (passwd -l), or set a hash that is made once: usermod -p '<hash>'",
        .paths = "*/etc/shadow",
        .check = salted},
};

}  // namespace

std::span<const Row> account_rows() {
  return k_account_rows;
}

}  // namespace buildlab::causes
