// The answer is a list of records, each the key of a result: {id, digest, parents: [{input, digest, target}],
// debug: [preimage]}. A link's digest is that of "OPERATION@OUTPUT", OPERATION being the digest of a JSON
// preimage. A target whose own digest is that of "FILES@-1" stands for the files that the operation reads;
// any other is the key of the step below. A preimage is {digest, type, data: [{type, data}], subRecords:
// [preimage]}.
#include "framework/cache_keys/parse_keys.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "framework/base/base64.h"
#include "framework/base/json.h"

namespace buildlab::cache_keys {
namespace {

constexpr int k_data_frame = 2;  // the other kind tells how many bytes of a file were left out
constexpr std::size_t k_most_files = 200'000;
constexpr std::size_t k_most_bytes = 256'000'000;  // of what is kept of files, each time that it is
constexpr std::string_view k_digest_label = "sha256:";

tl::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorKind::infrastructure, fmt::format("the daemon's cache keys: {}", what));
}

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::int64_t number(const Json& object, const char* name) {
  const Json* found = member(object, name);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// An absent list is an empty one.
const Json& list(const Json& object, const char* name) {
  static const Json k_empty = Json::array();
  const Json* found = member(object, name);
  return found != nullptr && found->is_array() ? *found : k_empty;
}

// The pieces that were written into the digest one after another.
std::optional<std::vector<std::string>> pieces_of(const Json& preimage) {
  std::vector<std::string> pieces;
  for (const Json& frame : list(preimage, "data")) {
    if (number(frame, "type") != k_data_frame) continue;
    auto bytes = base64_decode(text_member(frame, "data"));
    if (!bytes) return std::nullopt;
    pieces.push_back(std::move(*bytes));
  }
  return pieces;
}

std::string bytes_of(const Json& preimage) {
  std::string bytes;
  for (const std::string& piece : pieces_of(preimage).value_or(std::vector<std::string>())) bytes += piece;
  return bytes;
}

const Json* preimage_of(const Json& among, const char* name, const std::string& digest) {
  for (const Json& each : list(among, name)) {
    if (text_member(each, "digest") == digest) return &each;
  }
  return nullptr;
}

// Those that a preimage names, by their digests.
using Preimages = std::map<std::string, const Json*>;
Preimages preimages_below(const Json& preimage) {
  Preimages below;
  for (const Json& each : list(preimage, "subRecords")) below.emplace(text_member(each, "digest"), &each);
  return below;
}

// The name in a list of files: NUL stands for '/', a folder's own entry ends with it.
std::string path_of(std::string_view key) {
  std::string path;
  for (const char c : key) {
    const char next = c == '\0' ? '/' : c;
    if (next != '/' || (!path.empty() && path.back() != '/')) path += next;
  }
  if (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

// A list of files as its preimage has it.
struct FileList {
  std::vector<std::pair<std::string, std::string>> entries = {};  // paths and digests
  Preimages known = {};
};

Result<FileList> file_list_of(const Json& preimage) {
  const auto pieces = pieces_of(preimage);
  if (!pieces || pieces->size() % 2 != 0) return wrong("a list of files is not one");
  FileList files;
  for (std::size_t i = 0; i < pieces->size(); i += 2) {
    const std::string& digest = (*pieces)[i + 1];
    if (!digest.starts_with(k_digest_label)) return wrong("a list of files without digests");
    files.entries.emplace_back(path_of((*pieces)[i]), digest);
  }
  files.known = preimages_below(preimage);
  return files;
}

std::size_t bytes_kept(const std::string& path, const FileKey& file) {
  std::size_t bytes = sizeof(Tree::value_type) + path.size() + file.digest.size();
  for (const std::string& piece : file.header) bytes += sizeof(piece) + piece.size();
  return bytes;
}

std::size_t bytes_kept(const Content& content) {
  std::size_t bytes = 0;
  for (const Tree& tree : content) {
    for (const auto& [path, file] : tree) bytes += bytes_kept(path, file);
  }
  return bytes;
}

class Parser {
 public:
  Result<ParsedKeys> parse(const Json& records);

 private:
  void read_targets(const Json& records);
  Status read_link(const Json& record, const Json& link);
  Status add_tree(const Preimages& known, const std::string& digest, const std::string& at, Tree& tree);
  Status add_list(const Json& preimage, const std::string& at, Tree& tree);
  Result<Content> content_of(const Json& record);
  const std::vector<std::string>& header_of(const Json& preimage);
  Status count_entry();
  Status count_bytes(std::size_t bytes);

  ParsedKeys m_parsed;
  std::map<std::int64_t, const Json*> m_targets;  // that stand for files, by id
  std::map<std::string, Content> m_contents;      // by the target's digest
  std::map<const Json*, FileList> m_lists;        // each is read once, wherever it is named
  std::map<const Json*, std::vector<std::string>> m_headers;
  std::size_t m_entries = 0;
  std::size_t m_bytes = 0;
};

// Lists count as files do: one may name another any number of times.
Status Parser::count_entry() {
  if (++m_entries <= k_most_files) return {};
  return wrong(fmt::format("more than {} files", k_most_files));
}

Status Parser::count_bytes(std::size_t bytes) {
  m_bytes += bytes;
  if (m_bytes <= k_most_bytes) return {};
  return wrong(fmt::format("more than {} bytes of names and headers of files", k_most_bytes));
}

void Parser::read_targets(const Json& records) {
  for (const Json& record : records) {
    if (const Json* digest = member(record, "digest"); digest == nullptr || !digest->is_string()) continue;
    const Json* preimage = preimage_of(record, "debug", text_member(record, "digest"));
    // Without its preimage nobody knows what it stands for.
    if (preimage == nullptr) {
      m_parsed.complete = m_parsed.complete && member(record, "random") != nullptr;
    } else if (bytes_of(*preimage).ends_with("@-1")) {
      m_targets[number(record, "id")] = &record;
    }
  }
}

const std::vector<std::string>& Parser::header_of(const Json& preimage) {
  const auto [at, is_new] = m_headers.try_emplace(&preimage);
  if (is_new) at->second = pieces_of(preimage).value_or(std::vector<std::string>());
  return at->second;
}

Status Parser::add_tree(const Preimages& known, const std::string& digest, const std::string& at,
                        Tree& tree) {
  const auto found = known.find(digest);
  const Json* preimage = found == known.end() ? nullptr : found->second;
  BUILDLAB_TRY(count_entry());
  if (preimage != nullptr && text_member(*preimage, "type") == "file-list") {
    BUILDLAB_TRY(count_bytes(at.size()));
    return add_list(*preimage, at, tree);
  }
  FileKey file{.digest = digest};
  if (preimage == nullptr) {
    m_parsed.complete = false;
  } else if (text_member(*preimage, "type") == "file") {
    file.header = header_of(*preimage);
  }
  BUILDLAB_TRY(count_bytes(bytes_kept(at, file)));
  tree.insert_or_assign(at, std::move(file));
  return {};
}

Status Parser::add_list(const Json& preimage, const std::string& at, Tree& tree) {
  auto list = m_lists.find(&preimage);
  if (list == m_lists.end()) {
    BUILDLAB_ASSIGN(FileList files, file_list_of(preimage));
    list = m_lists.emplace(&preimage, std::move(files)).first;
  }
  for (const auto& [path, digest] : list->second.entries) {
    const bool below = !at.empty() && !path.empty();
    const std::string place = below ? at + "/" + path : at + path;
    BUILDLAB_TRY(add_tree(list->second.known, digest, place, tree));
  }
  return {};
}

Result<Content> Parser::content_of(const Json& record) {
  Content content;
  const Json* key = preimage_of(record, "debug", text_member(record, "digest"));
  const std::string named = key == nullptr ? "" : bytes_of(*key);
  const Json* digests = preimage_of(*key, "subRecords", named.substr(0, named.rfind('@')));
  if (digests == nullptr || text_member(*digests, "type") != "digest-list") {
    m_parsed.complete = false;
    return content;
  }
  const std::string all = bytes_of(*digests);
  const Preimages known = preimages_below(*digests);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\0', begin), all.size());
    Tree tree;
    BUILDLAB_TRY(add_tree(known, all.substr(begin, end - begin), "", tree));
    content.push_back(std::move(tree));
    begin = end + 1;
  }
  return content;
}

Status Parser::read_link(const Json& record, const Json& link) {
  const std::string digest = text_member(link, "digest");
  if (digest.empty()) return {};
  Operation& operation = m_parsed.store.operations[digest];
  const Json* named = preimage_of(record, "debug", digest);
  if (named == nullptr) {
    m_parsed.complete = false;
  } else if (operation.preimage.empty()) {
    for (const Json& preimage : list(*named, "subRecords")) {
      if (text_member(preimage, "type") == "json") operation.preimage = bytes_of(preimage);
    }
    m_parsed.complete = m_parsed.complete && !operation.preimage.empty();
  }
  const auto target = m_targets.find(number(link, "target"));
  if (target == m_targets.end()) return {};
  const std::string files = text_member(*target->second, "digest");
  auto known = m_contents.find(files);
  if (known == m_contents.end()) {
    BUILDLAB_ASSIGN(Content content, content_of(*target->second));
    known = m_contents.emplace(files, std::move(content)).first;
  }
  const auto input = number(link, "input");
  if (input < 0 || input >= 10'000) return {};
  auto& contents = operation.inputs[static_cast<int>(input)];
  if (contents.contains(files)) return {};
  BUILDLAB_TRY(count_bytes(bytes_kept(known->second)));
  contents.emplace(files, known->second);
  return {};
}

Result<ParsedKeys> Parser::parse(const Json& records) {
  read_targets(records);
  for (const Json& record : records) {
    for (const Json& link : list(record, "parents")) BUILDLAB_TRY(read_link(record, link));
  }
  return std::move(m_parsed);
}

}  // namespace

Result<ParsedKeys> parse_keys(std::string_view text) {
  BUILDLAB_ASSIGN(const Json records, parse_json(text, "the daemon's cache keys"));
  if (records.is_null()) return ParsedKeys();
  if (!records.is_array()) return wrong("not a list");
  return Parser().parse(records);
}

}  // namespace buildlab::cache_keys
