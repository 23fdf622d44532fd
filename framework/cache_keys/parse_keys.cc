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

class Parser {
 public:
  Result<ParsedKeys> parse(const Json& records);

 private:
  void read_targets(const Json& records);
  Status read_link(const Json& record, const Json& link);
  Status add_tree(const Preimages& known, const std::string& digest, const std::string& at, Tree& tree);
  Status add_list(const Json& preimage, const std::string& at, Tree& tree);
  Result<Content> content_of(const Json& record);
  Status count_file();

  ParsedKeys m_parsed;
  std::map<std::int64_t, const Json*> m_targets;  // that stand for files, by id
  std::map<std::string, Content> m_contents;      // by the target's digest
  std::size_t m_files = 0;
};

Status Parser::count_file() {
  if (++m_files <= k_most_files) return {};
  return wrong(fmt::format("more than {} files", k_most_files));
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

Status Parser::add_tree(const Preimages& known, const std::string& digest, const std::string& at,
                        Tree& tree) {
  const auto found = known.find(digest);
  const Json* preimage = found == known.end() ? nullptr : found->second;
  if (preimage != nullptr && text_member(*preimage, "type") == "file-list")
    return add_list(*preimage, at, tree);
  BUILDLAB_TRY(count_file());
  FileKey file{.digest = digest};
  if (preimage == nullptr) {
    m_parsed.complete = false;
  } else if (auto header = pieces_of(*preimage); header && text_member(*preimage, "type") == "file") {
    file.header = std::move(*header);
  }
  tree.insert_or_assign(at, std::move(file));
  return {};
}

// Names and digests in turn.
Status Parser::add_list(const Json& preimage, const std::string& at, Tree& tree) {
  const auto pieces = pieces_of(preimage);
  if (!pieces || pieces->size() % 2 != 0) return wrong("a list of files is not one");
  const Preimages known = preimages_below(preimage);
  for (std::size_t i = 0; i < pieces->size(); i += 2) {
    const std::string& digest = (*pieces)[i + 1];
    if (!digest.starts_with(k_digest_label)) return wrong("a list of files without digests");
    const std::string path = path_of((*pieces)[i]);
    const bool below = !at.empty() && !path.empty();
    BUILDLAB_TRY(add_tree(known, digest, below ? at + "/" + path : at + path, tree));
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
  if (input >= 0 && input < 10'000) operation.inputs[static_cast<int>(input)][files] = known->second;
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
