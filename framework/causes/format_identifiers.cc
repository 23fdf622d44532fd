// Files that are, or begin with, an identifier drawn at random.
#include <algorithm>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_machine_id{
    CauseClass::rand, "B17", "a machine's identifier was drawn in the build",
    ": > /etc/machine-id and rm -f /var/lib/dbus/machine-id in the RUN that installed systemd or "
    "dbus; each machine then draws its own"};
constexpr Row k_xmlb{
    CauseClass::rand, "B22", "the compiled XML carries an identifier drawn at random",
    "use libxmlb 0.3.7 or later, or rm -rf /var/cache/app-info /var/cache/swcatalog in the same RUN"};

bool is_machine_id(std::string_view text) {
  constexpr std::size_t k_digits = 32;
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text.size() == k_digits && std::all_of(text.begin(), text.end(), is_lower_hex);
}

}  // namespace

std::optional<Cause> of_machine_id(const Reading& reading) {
  const std::string_view path = reading.pair.path;
  if (!path.ends_with("etc/machine-id") && !path.ends_with("var/lib/dbus/machine-id")) return std::nullopt;
  if (!is_machine_id(reading.a()) || !is_machine_id(reading.b()) ||
      reading.a().size() != reading.b().size()) {
    return std::nullopt;
  }
  Findings findings;
  constexpr std::size_t k_digits = 32;
  findings.add(k_machine_id, change("offset 0", in_quotes(reading.a().substr(0, k_digits)),
                                    in_quotes(reading.b().substr(0, k_digits))));
  return findings.result(true);
}

std::optional<Cause> of_xmlb(const Reading& reading) {
  constexpr std::size_t k_guid = 8;
  constexpr std::size_t k_guid_size = 16;
  if (!reading.both_start_with("XMLb") || !has(reading.a(), k_guid, k_guid_size)) return std::nullopt;
  if (!equal_outside(reading.a(), reading.b(), {same_place(k_guid, k_guid_size)})) return std::nullopt;
  Findings findings;
  findings.add(k_xmlb, change("offset 8", lower_hex(reading.a().substr(k_guid, k_guid_size)),
                              lower_hex(reading.b().substr(k_guid, k_guid_size))));
  return findings.result(true);
}

}  // namespace buildlab::causes::formats
