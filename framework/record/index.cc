#include "framework/record/index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "framework/base/file.h"
#include "framework/base/text.h"
#include "framework/record/layout.h"
#include "framework/record/record_json.h"

namespace buildlab::record {
namespace {

namespace fs = std::filesystem;

struct Lines {
  std::vector<Entry> entries;  // in the file's order, each record once: its last line
  bool damaged = false;        // the file is missing, or a line of it cannot be read
};

std::string to_index_line(const Entry& entry) {
  return to_line(Json{{"run", entry.run_id},
                      {"scenario", entry.scenario},
                      {"kind", entry.kind},
                      {"subject", entry.subject},
                      {"started", entry.started},
                      {"outcome", entry.outcome}}) +
         "\n";
}

std::optional<Entry> parse_index_line(std::string_view line) {
  const Json json = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Entry entry;
  const auto take = [&json](const char* key, std::string& value) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return false;
    value = found->get_ref<const std::string&>();
    return true;
  };
  const bool whole = take("run", entry.run_id) && take("scenario", entry.scenario) &&
                     take("kind", entry.kind) && take("subject", entry.subject) &&
                     take("started", entry.started) && take("outcome", entry.outcome);
  if (!whole || !check_run_id(entry.run_id)) return std::nullopt;
  return entry;
}

std::string key_of(std::string_view run_id, std::string_view folder) {
  return fmt::format("{}/{}", run_id, folder);
}

Lines read_lines(const fs::path& store) {
  Lines lines;
  const auto text = read_file(index_file(store), Bytes{1ULL << 30U});
  if (!text) {
    lines.damaged = true;
    return lines;
  }
  std::unordered_map<std::string, std::size_t> place;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    auto entry = parse_index_line(line);
    if (!entry) {
      lines.damaged = true;
      continue;
    }
    const auto [found, is_new] =
        place.try_emplace(key_of(entry->run_id, entry->scenario), lines.entries.size());
    if (is_new) {
      lines.entries.push_back(std::move(*entry));
    } else {
      lines.entries[found->second] = std::move(*entry);
    }
  }
  if (!text->empty() && text->back() != '\n') lines.damaged = true;
  return lines;
}

std::vector<std::string> folders_in(const fs::path& parent) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(parent, code), end; !code && it != end; it.increment(code)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) names.push_back(it->path().filename().string());
  }
  return names;
}

// Records in the folders of `run_ids` that `known` (run/folder) lacks.
std::vector<Entry> find_unlisted(const fs::path& store, const std::vector<std::string>& run_ids,
                                 const std::unordered_set<std::string>& known) {
  std::vector<Entry> found;
  for (const std::string& run_id : run_ids) {
    if (!check_run_id(run_id)) continue;
    for (const std::string& folder : folders_in(runs_folder(store) / run_id)) {
      if (known.contains(key_of(run_id, folder))) continue;
      const fs::path path = runs_folder(store) / run_id / folder / k_record_name;
      std::error_code code;
      if (!fs::exists(path, code)) continue;
      const auto json = load_json(path);
      if (!json) continue;
      const auto record = record_from_json(*json, path.string());
      // A record that was moved here from elsewhere would be listed under a name that does not lead to it.
      if (!record || record->run_id != run_id || folder_name(record->name) != folder) continue;
      found.push_back(entry_of(store, *record));
    }
  }
  return found;
}

// `text` at the end of the index, on a line of its own, flushed. The caller holds the lock.
Status append_locked(const fs::path& store, std::string text) {
  const fs::path path = index_file(store);
  const Fd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  const auto os_error = [&path] {
    return fail(ErrorKind::infrastructure,
                fmt::format("appending to {}: {}", path.string(), std::strerror(errno)));
  };
  if (!fd.valid()) return os_error();
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return os_error();
  char last = '\n';
  if (info.st_size > 0 && ::pread(fd.get(), &last, 1, info.st_size - 1) != 1) return os_error();
  if (last != '\n') text.insert(0, 1, '\n');
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error();
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(fd.get()) != 0) return os_error();
  return {};
}

bool record_exists(const fs::path& store, const Entry& entry) {
  const std::string path = fmt::format("{}/{}/{}/{}", runs_folder(store).native(), entry.run_id,
                                       folder_name(entry.scenario), k_record_name);
  return ::access(path.c_str(), F_OK) == 0;
}

Status rewrite_locked(const fs::path& store, const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    if (record_exists(store, entry)) text += to_index_line(entry);
  }
  return write_file_atomic(index_file(store), text);
}

// Everything that the index lacks, found in the folders.
std::vector<Entry> missing_entries(const fs::path& store, const Lines& lines) {
  std::unordered_set<std::string> known;
  std::unordered_set<std::string_view> known_runs;
  for (const Entry& entry : lines.entries) {
    known.insert(key_of(entry.run_id, folder_name(entry.scenario)));
    known_runs.insert(entry.run_id);
  }
  std::vector<std::string> runs = folders_in(runs_folder(store));
  if (!lines.damaged) std::erase_if(runs, [&](const std::string& run) { return known_runs.contains(run); });
  std::sort(runs.begin(), runs.end());
  return find_unlisted(store, runs, known);
}

// Times of to_rfc3339 without their "Z" compare as text: "…:11" before "…:11.5".
std::string_view sort_key(const Entry& entry) {
  std::string_view key = entry.started;
  if (!key.empty() && key.back() == 'Z') key.remove_suffix(1);
  return key;
}

}  // namespace

Entry entry_of(const fs::path& store, const ScenarioRecord& record) {
  return {record.run_id,
          record.name,
          record.kind,
          record.subject.name,
          record.started,
          std::string(verdict::to_string(record.outcome)),
          runs_folder(store) / record.run_id / folder_name(record.name)};
}

Status save_listed(const fs::path& store, const Entry& entry, std::string_view record_text) {
  BUILDLAB_ASSIGN(const FileLock lock, FileLock::lock(index_lock(store)));
  BUILDLAB_TRY(append_locked(store, to_index_line(entry)));
  return write_file_atomic(entry.folder / k_record_name, record_text);
}

Result<std::vector<Entry>> read_entries(const fs::path& store) {
  Lines lines = read_lines(store);
  std::vector<Entry> found = missing_entries(store, lines);
  if (lines.damaged || !found.empty()) {
    // Under the lock another process may have healed or appended since; what it wrote is read again. A store
    // that cannot be written is read as well as one that can.
    if (const auto lock = FileLock::lock(index_lock(store))) {
      lines = read_lines(store);
      found = missing_entries(store, lines);
      std::vector<Entry> all = lines.entries;
      all.insert(all.end(), found.begin(), found.end());
      (void)rewrite_locked(store, all);
    }
  }
  lines.entries.insert(lines.entries.end(), found.begin(), found.end());
  std::vector<Entry> entries;
  entries.reserve(lines.entries.size());
  for (Entry& entry : lines.entries) {
    if (!record_exists(store, entry)) continue;
    entry.folder = runs_folder(store) / entry.run_id / folder_name(entry.scenario);
    entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const int by_start = sort_key(a).compare(sort_key(b));
    return by_start != 0 ? by_start < 0 : a.run_id < b.run_id;
  });
  return entries;
}

Status compact_index(const fs::path& store) {
  BUILDLAB_ASSIGN(const FileLock lock, FileLock::lock(index_lock(store)));
  Lines lines = read_lines(store);
  const std::vector<Entry> found = missing_entries(store, lines);
  lines.entries.insert(lines.entries.end(), found.begin(), found.end());
  return rewrite_locked(store, lines.entries);
}

}  // namespace buildlab::record
