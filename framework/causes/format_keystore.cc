// Java's key stores: JKS and JCEKS, and PKCS #12.
#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"
#include "framework/causes/members.h"

namespace buildlab::causes::formats {
namespace {

constexpr const char* k_jks_fix =
    "create the key store once and COPY it, or ENV SOURCE_DATE_EPOCH where the distribution's "
    "update-ca-certificates "
    "honours it";
constexpr Row k_jks_time{CauseClass::time, "J1", "the key store keeps when each entry was made", k_jks_fix};
constexpr Row k_cacerts_time{
    CauseClass::time, "B14", "the key store of certificates keeps when each was added",
    "rm -f /etc/ssl/certs/java/cacerts in the RUN that installed ca-certificates-java, and "
    "COPY one that was made once; or ENV SOURCE_DATE_EPOCH where the package honours it"};
constexpr Row k_jks_key{CauseClass::rand, "J1",
                        "the private key is stored under a random salt, or was made anew",
                        "create keys when the container starts, not in the image"};
constexpr Row k_jks_order{CauseClass::order, "J1", "entries of the key store stand in another order",
                          "import the certificates in the order of their names"};
constexpr Row k_jks_packing{CauseClass::comp, "J1", "an entry was packed in another way", k_jks_fix};
constexpr Row k_pkcs12{
    CauseClass::rand, "J2", "a PKCS #12 store is encrypted under random salts",
    "create the store once and COPY it, or create it when the container starts; a JKS store has no "
    "salt for certificates"};

class JksReader {
 public:
  JksReader(std::string_view bytes, const Row& time) : m_bytes(bytes), m_time(time) {}

  std::optional<Archive> read() {
    constexpr std::size_t k_digest = 20;
    const auto version = be(m_bytes, 4, 4);
    const auto count = be(m_bytes, 8, 4);
    if ((version != 1 && version != 2) || count > k_most_members) return std::nullopt;
    m_named = version == 2;
    m_at = 12;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!entry()) return std::nullopt;
    }
    // The digest at the end follows from all that is before it.
    if (m_bytes.size() - m_at != k_digest) return std::nullopt;
    m_archive.rest = m_bytes.substr(0, 8);
    return std::move(m_archive);
  }

 private:
  std::optional<std::uint64_t> number(std::size_t width) {
    if (!has(m_bytes, m_at, width)) return std::nullopt;
    const auto value = be(m_bytes, m_at, width);
    m_at += width;
    return value;
  }

  // A length of `width` bytes and so many bytes.
  std::optional<std::string_view> counted(std::size_t width) {
    const auto size = number(width);
    if (!size || !has(m_bytes, m_at, *size)) return std::nullopt;
    const std::string_view text = m_bytes.substr(m_at, *size);
    m_at += *size;
    return text;
  }

  bool certificate() { return (!m_named || counted(2)) && counted(4); }

  bool entry() {
    constexpr std::uint64_t k_key = 1;
    constexpr std::uint64_t k_certificate = 2;
    const auto tag = number(4);
    const auto alias = counted(2);
    const auto milliseconds = number(8);
    if (!tag || !alias || !milliseconds) return false;
    Member member;
    member.name = *alias;
    member.fields.push_back({nullptr, "kind", std::to_string(*tag)});
    member.fields.push_back(
        {&m_time, "date", moment(*milliseconds / 1000, *milliseconds % 1000 * 1'000'000)});
    if (*tag == k_key) {
      const auto key = counted(4);
      const auto chain = number(4);
      if (!key || !chain || *chain > k_most_members) return false;
      member.fields.push_back({&k_jks_key, "private key", lower_hex(*key)});
      const std::size_t begin = m_at;
      for (std::uint64_t i = 0; i < *chain; ++i) {
        if (!certificate()) return false;
      }
      member.data = m_bytes.substr(begin, m_at - begin);
    } else if (*tag == k_certificate) {
      const std::size_t begin = m_at;
      if (!certificate()) return false;
      member.data = m_bytes.substr(begin, m_at - begin);
    } else {
      return false;
    }
    m_archive.members.push_back(std::move(member));
    return true;
  }

  std::string_view m_bytes;
  const Row& m_time;
  bool m_named = false;  // certificates carry the name of their kind
  std::size_t m_at = 0;
  Archive m_archive;
};

// SEQUENCE { INTEGER 3, SEQUENCE { OBJECT IDENTIFIER pkcs7-data, …
bool is_pkcs12(std::string_view bytes) {
  constexpr std::string_view k_version("\x02\x01\x03\x30", 4);
  constexpr std::string_view k_data("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);
  const std::string_view head = bytes.substr(0, 32);
  const std::size_t version = head.find(k_version);
  return bytes.starts_with('\x30') && version != std::string_view::npos && version <= 6 &&
         head.find(k_data) != std::string_view::npos;
}

}  // namespace

std::optional<Cause> of_jks(const Reading& reading) {
  constexpr std::string_view k_jks("\xfe\xed\xfe\xed", 4);
  constexpr std::string_view k_jceks("\xce\xce\xce\xce", 4);
  if (!reading.both_start_with(k_jks) && !reading.both_start_with(k_jceks)) return std::nullopt;
  const Row& time = reading.pair.path.ends_with("etc/ssl/certs/java/cacerts") ? k_cacerts_time : k_jks_time;
  const auto a = JksReader(reading.a(), time).read();
  const auto b = a ? JksReader(reading.b(), time).read() : std::nullopt;
  if (!b) return std::nullopt;
  Findings findings;
  const bool equal = compare_archives(*a, *b, reading, {k_jks_order, k_jks_packing}, findings);
  auto cause = findings.result(equal);
  // Another key under the same salt cannot be told from the same key under another.
  if (cause && cause->kind == CauseClass::rand) cause->proven = false;
  return cause;
}

std::optional<Cause> of_pkcs12(const Reading& reading) {
  if (!is_pkcs12(reading.a()) || !is_pkcs12(reading.b())) return std::nullopt;
  Findings findings;
  findings.add(
      k_pkcs12,
      fmt::format("{} and {} bytes, different from offset {} on: what is encrypted cannot be compared",
                  reading.a().size(), reading.b().size(), first_difference(reading.a(), reading.b())));
  return findings.result(false);
}

}  // namespace buildlab::causes::formats
