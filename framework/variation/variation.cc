#include "framework/variation/variation.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>

#include "framework/base/text.h"

namespace buildlab::variation {
namespace {

constexpr std::int64_t k_day = 86'400;
constexpr std::int64_t k_year = 365 * k_day;
constexpr std::int64_t k_farthest = 100 * k_year;

struct Unit {
  char letter;
  std::int64_t seconds;
};
// Longest first, so that the first that divides an offset writes it shortest.
constexpr std::array<Unit, 5> k_units = {{{'y', k_year}, {'d', k_day}, {'h', 3600}, {'m', 60}, {'s', 1}}};

std::vector<std::string> known_words() {
  std::vector<std::string> words{"all"};
  for (const Description& description : catalogue()) words.emplace_back(description.name);
  return words;
}

tl::unexpected<Error> unknown(std::string_view word) {
  const auto near = nearest(word, known_words());
  if (near)
    return fail(ErrorKind::usage,
                fmt::format("unknown variation \"{}\"; did you mean \"{}\"?", one_line(word, 60), *near));
  std::string known;
  for (const std::string& name : known_words()) known += (known.empty() ? "" : ", ") + name;
  return fail(ErrorKind::usage,
              fmt::format("unknown variation \"{}\"; known: {}", one_line(word, 60), known));
}

Result<std::int64_t> parse_offset(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorKind::usage, fmt::format("variation \"clock={}\": {}", one_line(text, 40), what));
  };
  constexpr std::string_view shape = "the offset is written like +1d, +35d, -12h (units s, m, h, d, y)";
  if (text.size() < 3 || (text.front() != '+' && text.front() != '-')) return wrong(shape);
  const auto unit =
      std::find_if(k_units.begin(), k_units.end(), [&](const Unit& u) { return u.letter == text.back(); });
  const std::string_view digits = text.substr(1, text.size() - 2);
  std::int64_t count = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (unit == k_units.end() || end != digits.data() + digits.size() || digits.front() == '-')
    return wrong(shape);
  if (code != std::errc() || count > k_farthest / unit->seconds) return wrong("it is farther than 100 years");
  if (count == 0) return wrong("it changes nothing");
  return text.front() == '-' ? -count * unit->seconds : count * unit->seconds;
}

}  // namespace

const std::array<Description, k_kinds>& catalogue() {
  // In the order in which they are told; also that of the enumeration.
  static const std::array<Description, k_kinds> k_catalogue = {{
      {Kind::environment, "environment", "RUN sees one more environment variable", Place::container, false},
      {Kind::hostname, "hostname", "RUN sees another host name", Place::container, false},
      {Kind::clock, "clock", "RUN sees another date and time", Place::container, true},
      {Kind::time_zone, "time_zone", "RUN sees TZ set, half a day away from UTC", Place::container, false},
      {Kind::locale, "locale", "RUN sees LANG and LC_ALL set to another locale of the image",
       Place::container, false},
      {Kind::umask, "umask", "RUN works with umask 0002 in place of 0022", Place::container, false},
      {Kind::user, "user", "RUN sees USER and LOGNAME set, and the context's files have another owner",
       Place::container, false},
      {Kind::cpus, "cpus", "RUN may use one processor only", Place::container, false},
      {Kind::kernel, "kernel", "RUN sees a kernel that calls itself 2.6", Place::container, true},
      {Kind::aslr, "aslr", "programs in RUN are loaded without address space randomisation", Place::container,
       false},
      {Kind::context_umask, "context_umask", "the context was checked out with umask 0002 in place of 0022",
       Place::context, false},
      {Kind::context_order, "context_order", "the file system lists the context's files in another order",
       Place::context, false},
      {Kind::context_mtime, "context_mtime", "the context was checked out at another time", Place::context,
       false},
      {Kind::file_order, "file_order", "the builder keeps its files on another file system or snapshotter",
       Place::builder, false},
      {Kind::parallelism, "parallelism", "the builder runs one step at a time", Place::builder, false},
      {Kind::network, "network", "RUN has no network", Place::builder, true},
      {Kind::cache_mounts, "cache_mounts", "cache mounts hold what an earlier build left in them",
       Place::builder, false},
      {Kind::builder_options, "builder_options", "the builder has other limits, hosts and attestations",
       Place::builder, true},
  }};
  return k_catalogue;
}

const Description& describe(Kind kind) {
  return catalogue()[static_cast<std::size_t>(kind)];
}

std::string to_string(const Variation& variation) {
  const std::string_view name = describe(variation.kind).name;
  if (variation.kind != Kind::clock) return std::string(name);
  const std::int64_t offset = variation.offset_sec;
  for (const Unit& unit : k_units) {
    if (offset % unit.seconds == 0) return fmt::format("{}={:+}{}", name, offset / unit.seconds, unit.letter);
  }
  return std::string(name);
}

std::string to_string(const std::vector<Variation>& variations) {
  std::string text;
  for (const Variation& variation : variations) text += (text.empty() ? "" : ", ") + to_string(variation);
  return text;
}

Result<std::vector<Variation>> parse_variation(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto found = std::find_if(catalogue().begin(), catalogue().end(),
                                  [&](const Description& description) { return description.name == name; });
  if (found == catalogue().end()) return unknown(name);
  if (equals != std::string_view::npos) {
    if (found->kind != Kind::clock)
      return fail(ErrorKind::usage, fmt::format("variation \"{}\" takes no value", name));
    BUILDLAB_ASSIGN(const std::int64_t offset, parse_offset(text.substr(equals + 1)));
    return std::vector<Variation>{{Kind::clock, offset}};
  }
  std::vector<Variation> variations;
  if (found->kind == Kind::clock) {
    for (const std::int64_t offset : k_clock_offsets) variations.push_back({Kind::clock, offset});
  } else {
    variations.push_back({found->kind, 0});
  }
  return variations;
}

Result<std::vector<Variation>> parse_variations(const std::vector<std::string>& words) {
  std::set<Variation> chosen;
  for (const std::string& word : words) {
    const bool removes = word.starts_with("-");
    const std::string_view name = std::string_view(word).substr(removes ? 1 : 0);
    if (name == "all" && !removes) {
      for (const Description& description : catalogue()) {
        BUILDLAB_ASSIGN(const std::vector<Variation> one, parse_variation(description.name));
        chosen.insert(one.begin(), one.end());
      }
      continue;
    }
    if (removes && name == "clock") {
      std::erase_if(chosen, [](const Variation& variation) { return variation.kind == Kind::clock; });
      continue;
    }
    BUILDLAB_ASSIGN(const std::vector<Variation> some, parse_variation(name));
    for (const Variation& variation : some) {
      if (removes) {
        chosen.erase(variation);
      } else {
        chosen.insert(variation);
      }
    }
  }
  if (chosen.empty()) return fail(ErrorKind::usage, "no variation is left to apply");
  return std::vector<Variation>(chosen.begin(), chosen.end());
}

}  // namespace buildlab::variation
