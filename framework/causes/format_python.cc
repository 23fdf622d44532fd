// Python's compiled modules (PEP 552): the header's time, and paths among the marshalled constants.
#include <array>

#include <fmt/format.h>

#include "framework/causes/binary.h"
#include "framework/causes/format_readers.h"

namespace buildlab::causes::formats {
namespace {

constexpr Row k_pyc_time{
    CauseClass::time, "E1", "a compiled Python module keeps its source's modification time",
    "set SOURCE_DATE_EPOCH in the RUN that compiles (modules then carry a hash), compile with "
    "`python -m compileall --invalidation-mode unchecked-hash`, or set "
    "ENV PYTHONDONTWRITEBYTECODE=1"};
constexpr Row k_pyc_source{CauseClass::derived, "G10",
                           "a compiled Python module follows its source, which differs",
                           "mend the difference of the source"};
constexpr Row k_pyc_path{
    CauseClass::path, "E2", "a compiled Python module keeps the path that it was compiled at",
    "compile at a fixed path, or with `python -m compileall -s BUILD_FOLDER -p FINAL_FOLDER`"};
constexpr Row k_pyc_pip_target{CauseClass::path, "E3",
                               "`pip install --target` compiles in a folder of a random name",
                               "`pip install --no-compile --target DIR`, then `python -m compileall "
                               "--invalidation-mode unchecked-hash DIR`"};
constexpr Row k_pyc_order{CauseClass::order, "E4",
                          "constants of a set were written in the order of their hashes",
                          "ENV PYTHONHASHSEED=0 while compiling"};

// Where the code begins and what the header says of the source.
struct PycHeader {
  std::size_t size = 0;
  Range mtime;
  Range source;  // the source's size, or its hash
};

std::optional<PycHeader> parse_pyc_header(std::string_view bytes) {
  if (bytes.size() < 17 || bytes.substr(2, 2) != "\r\n") return std::nullopt;
  const auto magic = le(bytes, 0, 2);
  if (magic >= 62'000) return PycHeader{8, {4, 4}, {8, 0}};  // 2.x
  if (magic < 3200 || magic >= 10'000) return std::nullopt;
  if (magic < 3390) return PycHeader{12, {4, 4}, {8, 4}};
  const auto flags = le(bytes, 4, 4);
  if (flags == 0) return PycHeader{16, {8, 4}, {12, 4}};
  if (flags == 1 || flags == 3) return PycHeader{16, {8, 0}, {8, 8}};
  return std::nullopt;
}

struct PathString {
  Range field;  // with the length before it
  std::string_view text;
};

bool looks_like_path(std::string_view text) {
  if (text.size() < 2 || text.find('/') == std::string_view::npos) return false;
  if (text.front() != '/' && !text.ends_with(".py")) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return false;
  }
  return true;
}

// Marshalled strings that are paths. A length byte before printable text is sure enough: a chance hit masks
// the same on both sides, or leaves something unequal.
std::vector<PathString> path_strings(std::string_view bytes, std::size_t from) {
  constexpr std::uint64_t k_longest = 4096;
  std::vector<PathString> found;
  for (std::size_t at = from; at < bytes.size(); ++at) {
    const char type = static_cast<char>(static_cast<unsigned char>(bytes[at]) & 0x7fU);
    std::size_t width = 0;
    if (type == 'z' || type == 'Z') {
      width = 1;
    } else if (type == 's' || type == 'u' || type == 't' || type == 'a' || type == 'A') {
      width = 4;
    } else {
      continue;
    }
    const auto length = le(bytes, at + 1, width);
    if (length > k_longest || !has(bytes, at + 1 + width, length)) continue;
    const auto text = bytes.substr(at + 1 + width, length);
    if (!looks_like_path(text)) continue;
    found.push_back({{at + 1, width + text.size()}, text});
    at += width + text.size();
  }
  return found;
}

// "a/__pycache__/m.cpython-311.opt-1.pyc" -> "a/m.py"
std::string source_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = path.substr(slash + 1);
  std::string_view folder = slash == std::string_view::npos ? "" : path.substr(0, slash + 1);
  constexpr std::string_view k_cache = "__pycache__/";
  if (!folder.ends_with(k_cache)) return std::string(path.substr(0, path.rfind('.'))) + ".py";
  folder.remove_suffix(k_cache.size());
  return fmt::format("{}{}.py", folder, name.substr(0, name.find('.')));
}

std::vector<Mask> compare_paths(const Reading& reading, std::size_t from, Findings& findings) {
  const auto in_a = path_strings(reading.a(), from);
  const auto in_b = path_strings(reading.b(), from);
  std::vector<Mask> masks;
  if (in_a.size() != in_b.size()) return masks;
  for (std::size_t i = 0; i < in_a.size(); ++i) {
    if (in_a[i].text == in_b[i].text) continue;
    const bool pip = in_a[i].text.find("/pip-target-") != std::string_view::npos &&
                     in_b[i].text.find("/pip-target-") != std::string_view::npos;
    findings.add(pip ? k_pyc_pip_target : k_pyc_path,
                 change(fmt::format("offset {}", in_a[i].field.begin), in_quotes(in_a[i].text),
                        in_quotes(in_b[i].text)));
    masks.push_back({in_a[i].field, in_b[i].field});
  }
  return masks;
}

bool same_bytes_in_another_order(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  std::array<std::int64_t, 256> count{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++count[static_cast<unsigned char>(a[i])];
    --count[static_cast<unsigned char>(b[i])];
  }
  return count == std::array<std::int64_t, 256>{};
}

}  // namespace

std::optional<Cause> of_python(const Reading& reading) {
  const auto a = parse_pyc_header(reading.a());
  const auto b = parse_pyc_header(reading.b());
  if (!a || !b || a->size != b->size || a->source.begin != b->source.begin) return std::nullopt;
  if (reading.a().substr(0, a->mtime.begin) != reading.b().substr(0, a->mtime.begin)) return std::nullopt;

  Findings findings;
  std::vector<Mask> masks;
  const auto field = [](std::string_view bytes, Range range) {
    return bytes.substr(range.begin, range.size);
  };
  if (field(reading.a(), a->source) != field(reading.b(), a->source)) {
    Cause cause{k_pyc_source.kind,
                k_pyc_source.id,
                k_pyc_source.id,
                k_pyc_source.name,
                false,
                {},
                k_pyc_source.fix,
                source_path(reading.pair.path)};
    const bool size = a->source.size == 4;
    cause.evidence.push_back(change(
        fmt::format("offset {}, {} of the source", a->source.begin, size ? "size" : "hash"),
        size ? std::to_string(le(reading.a(), a->source.begin, 4)) : lower_hex(field(reading.a(), a->source)),
        size ? std::to_string(le(reading.b(), a->source.begin, 4))
             : lower_hex(field(reading.b(), a->source))));
    masks.push_back({a->source, a->source});
    findings.add(std::move(cause));
    masks.push_back({a->mtime, a->mtime});
    return findings.result(equal_outside(reading.a(), reading.b(), masks));
  }
  auto paths = compare_paths(reading, a->size, findings);
  const bool mtime = field(reading.a(), a->mtime) != field(reading.b(), a->mtime);
  if (mtime) {
    findings.add(k_pyc_time,
                 change(fmt::format("offset {}", a->mtime.begin), moment(le(reading.a(), a->mtime.begin, 4)),
                        moment(le(reading.b(), a->mtime.begin, 4))));
    masks.push_back({a->mtime, a->mtime});
  }
  masks.insert(masks.end(), paths.begin(), paths.end());
  if (equal_outside(reading.a(), reading.b(), masks)) return findings.result(true);
  if (paths.empty() &&
      same_bytes_in_another_order(reading.a().substr(a->size), reading.b().substr(a->size))) {
    findings.add(k_pyc_order, fmt::format("the code has the same {} bytes in another order, from offset {}",
                                          reading.a().size() - a->size,
                                          a->size + first_difference(reading.a().substr(a->size),
                                                                     reading.b().substr(a->size))));
    return findings.result(false);
  }
  findings.unexplained("other bytes of the code");
  return findings.result(false);
}

}  // namespace buildlab::causes::formats
