#include "framework/causes/members.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "framework/causes/binary.h"

namespace buildlab::causes::formats {
namespace {

// A name, and which of the members of that name.
using MemberKey = std::pair<std::string_view, std::size_t>;

std::vector<MemberKey> keys_of(const Archive& archive) {
  std::map<std::string_view, std::size_t> seen;
  std::vector<MemberKey> keys;
  for (const Member& member : archive.members) keys.emplace_back(member.name, seen[member.name]++);
  return keys;
}

const Field* field_of(const std::vector<Field>& fields, const std::string& what) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&what](const Field& field) { return field.what == what; });
  return found == fields.end() ? nullptr : &*found;
}

class Comparison {
 public:
  Comparison(const Reading& reading, const ArchiveRows& rows, Findings& findings)
      : m_reading(reading), m_rows(rows), m_findings(findings) {}

  bool archives(const Archive& a, const Archive& b) {
    const auto keys_a = keys_of(a);
    const auto keys_b = keys_of(b);
    std::map<MemberKey, const Member*> in_b;
    for (std::size_t i = 0; i < keys_b.size(); ++i) in_b.emplace(keys_b[i], &b.members[i]);
    std::vector<MemberKey> common;
    for (std::size_t i = 0; i < keys_a.size(); ++i) {
      const auto other = in_b.find(keys_a[i]);
      if (other == in_b.end()) {
        unexplained(fmt::format("{} is only in the first", in_quotes(keys_a[i].first)));
        continue;
      }
      common.push_back(keys_a[i]);
      members(a.members[i], *other->second);
    }
    order(common, keys_b);
    if (a.rest != b.rest) unexplained("bytes that belong to no member");
    return m_equal;
  }

 private:
  void unexplained(std::string what) {
    m_equal = false;
    m_findings.unexplained(std::move(what));
  }

  void order(const std::vector<MemberKey>& common, const std::vector<MemberKey>& all_b) {
    const std::map<MemberKey, std::size_t> known = [&] {
      std::map<MemberKey, std::size_t> places;
      for (std::size_t i = 0; i < common.size(); ++i) places.emplace(common[i], i);
      return places;
    }();
    std::size_t place = 0;
    bool moved = false;
    for (const MemberKey& key : all_b) {
      const auto in_a = known.find(key);
      if (in_a == known.end()) {
        unexplained(fmt::format("{} is only in the second", in_quotes(key.first)));
        continue;
      }
      if (!moved && in_a->second != place) {
        moved = true;
        m_findings.add(m_rows.order, change(fmt::format("member {}", place + 1),
                                            in_quotes(common[place].first), in_quotes(key.first)));
      }
      ++place;
    }
  }

  void members(const Member& a, const Member& b) {
    for (const Field& field : a.fields) {
      const Field* other = field_of(b.fields, field.what);
      if (other == nullptr) {
        differing_field(a, field, field.row, field.value, "none");
      } else if (field.value != other->value) {
        differing_field(a, field, other->row == nullptr ? nullptr : field.row, field.value, other->value);
      }
    }
    for (const Field& field : b.fields) {
      if (field_of(a.fields, field.what) == nullptr)
        differing_field(a, field, field.row, "none", field.value);
    }
    if (a.data != b.data) {
      contents(a, b);
    } else if (a.checksum != b.checksum) {
      unexplained(fmt::format("checksum of {}", in_quotes(a.name)));
    }
  }

  void differing_field(const Member& member, const Field& field, const Row* row, std::string_view a,
                       std::string_view b) {
    const std::string evidence =
        change(fmt::format("{}, {}", shown(member.name), field.what), cut(a), cut(b));
    if (row == nullptr) {
      unexplained(evidence);
    } else {
      m_findings.add(*row, evidence);
    }
  }

  void contents(const Member& a, const Member& b) {
    std::optional<std::string> plain_a;
    std::optional<std::string> plain_b;
    if (a.plain && !(plain_a = a.plain()))
      return unexplained(fmt::format("content of {}", in_quotes(a.name)));
    if (b.plain && !(plain_b = b.plain()))
      return unexplained(fmt::format("content of {}", in_quotes(a.name)));
    const std::string_view in_a = plain_a ? std::string_view(*plain_a) : a.data;
    const std::string_view in_b = plain_b ? std::string_view(*plain_b) : b.data;
    if (in_a == in_b) {
      m_findings.add(m_rows.compression, fmt::format("{}: {} and {} bytes hold the same {}", shown(a.name),
                                                     a.data.size(), b.data.size(), in_a.size()));
      return;
    }
    auto cause = m_reading.into(a.name, in_a, in_b);
    if (!cause) return unexplained(fmt::format("content of {}", in_quotes(a.name)));
    m_equal = m_equal && cause->proven;
    m_findings.add_member(*std::move(cause), shown(a.name));
  }

  static std::string cut(std::string_view value) {
    const std::string text = shown(value);
    return value.empty() ? "\"\"" : text;
  }

  static std::string shown(std::string_view name) {
    const std::string text = in_quotes(name);
    return text.substr(1, text.size() - 2);
  }

  const Reading& m_reading;
  const ArchiveRows& m_rows;
  Findings& m_findings;
  bool m_equal = true;
};

}  // namespace

bool compare_archives(const Archive& a, const Archive& b, const Reading& reading, const ArchiveRows& rows,
                      Findings& findings) {
  return Comparison(reading, rows, findings).archives(a, b);
}

}  // namespace buildlab::causes::formats
