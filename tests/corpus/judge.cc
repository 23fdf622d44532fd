#include "tests/corpus/judge.h"

#include <algorithm>
#include <fstream>

#include "framework/causes/catalogue.h"
#include "framework/drift/blame.h"
#include "framework/drift/compare.h"
#include "framework/metrics/provenance.h"
#include "framework/process/command.h"
#include "framework/report/diff.h"
#include "tests/corpus/trees.h"

namespace buildlab::corpus {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_image(const fs::path& path, const ImageSpec& spec, Form form) {
  if (form == Form::archive) return write(path, synthetic::archive_of(synthetic::layout_of(spec)));
  if (form == Form::docker) return write(path, synthetic::archive_of(synthetic::docker_files_of(spec)));
  for (const auto& [name, bytes] : synthetic::layout_of(spec)) write(path / name, bytes);
}

std::size_t layer_of(const Json& difference) {
  return difference["layer"].is_null() ? 0 : difference["layer"].get<std::size_t>();
}

bool is(const Json& difference, const Place& place) {
  return text_member(difference, "path") == place.path &&
         text_member(difference, "attribute") == place.attribute && layer_of(difference) == place.layer;
}

// A content of another size is two differences, of which the second need not be planted.
bool is_expected(const Json& difference, const Expected& expected) {
  const std::string path = text_member(difference, "path");
  if (std::find(expected.followers.begin(), expected.followers.end(), path) != expected.followers.end())
    return true;
  return std::any_of(expected.planted.begin(), expected.planted.end(), [&](const Place& place) {
    if (is(difference, place)) return true;
    const bool content = place.attribute == "content" || place.attribute == "size";
    const std::string attribute = text_member(difference, "attribute");
    return content && place.path == path && (attribute == "content" || attribute == "size");
  });
}

bool names_lines(const Json& difference, std::size_t layer) {
  const Json& step = difference["step"];
  const Lines lines = lines_of(layer);
  return step.is_object() && step["file"] == "Dockerfile" && step["first_line"] == lines.first &&
         step["last_line"] == lines.last;
}

class Judge {
 public:
  Judge(const Pair& pair, const Json& document)
      : m_pair(pair), m_expected(pair.expected), m_document(document), m_all(document["differences"]) {
    m_judgement.score.pairs = 1;
  }

  Judgement run() && {
    judge_verdict();
    for (const Place& place : m_expected.planted) look_for(place);
    judge_first_cause();
    for (const Json& difference : m_all) judge_each(difference);
    return std::move(m_judgement);
  }

 private:
  void complain(const std::string& text) {
    m_judgement.complaints.push_back(fmt::format("{}, {}: {}", m_pair.group, m_pair.name, text));
  }

  void judge_verdict() {
    const std::string verdict = text_member(m_document, "verdict");
    if (verdict == m_expected.verdict) {
      ++m_judgement.score.verdicts_right;
    } else {
      complain(fmt::format("is called {} instead of {}", verdict, m_expected.verdict));
    }
  }

  void look_for(const Place& place) {
    Score& score = m_judgement.score;
    ++score.planted;
    const auto found = std::find_if(m_all.begin(), m_all.end(),
                                    [&](const Json& difference) { return is(difference, place); });
    if (found == m_all.end()) {
      complain(fmt::format("{} of '{}' in layer {} was not found", place.attribute, place.path, place.layer));
    } else {
      ++score.found;
    }
    if (place.layer == 0) return;
    ++score.stepped;
    if (found == m_all.end()) return;
    if (names_lines(*found, place.layer)) {
      ++score.step_right;
    } else {
      complain("is told of step " + to_line((*found)["step"]));
    }
  }

  void judge_first_cause() {
    if (!m_expected.row) return;
    ++m_judgement.score.caused;
    const Json* first = m_all.empty() ? nullptr : &m_all.front();
    const std::string row = first == nullptr ? "nothing" : text_member(*first, "row");
    const bool unknown = first != nullptr && (*first)["class"].is_null();
    const bool right = m_expected.row->empty() ? unknown : row == *m_expected.row;
    if (!right) {
      complain(fmt::format("its first cause is '{}' instead of '{}'", row, *m_expected.row));
      return;
    }
    ++m_judgement.score.cause_first;
    if (!row.empty()) m_judgement.rows.insert(row);
  }

  void judge_each(const Json& difference) {
    const std::string place =
        fmt::format("{} of '{}'", text_member(difference, "attribute"), text_member(difference, "path"));
    const bool representation = difference["representation"].get<bool>();
    if (!representation && !is_expected(difference, m_expected)) {
      complain("tells of " + place + ", which does not differ");
    }
    if (!m_expected.not_row.empty() && text_member(difference, "row") == m_expected.not_row) {
      complain(fmt::format("{} is taken for {}", place, m_expected.not_row));
    }
    const std::string path = text_member(difference, "path");
    const auto& followers = m_expected.followers;
    const bool follows = std::find(followers.begin(), followers.end(), path) != followers.end();
    if (follows && text_member(difference, "root").empty()) {
      complain(place + " is not told to follow from another");
    }
  }

  const Pair& m_pair;
  const Expected& m_expected;
  const Json& m_document;
  const Json& m_all;
  Judgement m_judgement;
};

Result<metrics::Provenance> load(const fs::path& path) {
  BUILDLAB_ASSIGN(const std::string text, read_file(path));
  return metrics::parse_provenance(text, path.string());
}

}  // namespace

void Score::add(const Score& other) {
  pairs += other.pairs;
  planted += other.planted;
  found += other.found;
  caused += other.caused;
  cause_first += other.cause_first;
  stepped += other.stepped;
  step_right += other.step_right;
  verdicts_right += other.verdicts_right;
}

Judgement judge(const Pair& pair, const Json& document) {
  return Judge(pair, document).run();
}

Stored store(const Pair& pair, const fs::path& folder) {
  const Stored stored{folder / "a", folder / "b", folder / "a.json", folder / "b.json"};
  write_image(stored.a, pair.a, pair.form_a);
  write_image(stored.b, pair.b, pair.form_b);
  write(stored.provenance_a, provenance_of(pair.a.tars.size(), "2026-11-24T10:00:00Z"));
  write(stored.provenance_b, provenance_of(pair.b.tars.size(), "2026-11-24T10:01:40Z"));
  return stored;
}

Result<Json> compared(const Pair& pair, const Stored& stored) {
  BUILDLAB_ASSIGN(const image::ImageFile a, image::ImageFile::open(stored.a, std::nullopt));
  BUILDLAB_ASSIGN(const image::ImageFile b, image::ImageFile::open(stored.b, std::nullopt));
  BUILDLAB_ASSIGN(const metrics::Provenance of_a, load(stored.provenance_a));
  BUILDLAB_ASSIGN(const metrics::Provenance of_b, load(stored.provenance_b));
  drift::Options options;
  options.surroundings.source_date_epoch = pair.epoch;
  options.surroundings.canaries = pair.canaries;
  drift::blame(options, {of_a, a.image().layers, a.config()}, {of_b, b.image().layers, b.config()});
  BUILDLAB_ASSIGN(const drift::Comparison comparison, drift::compare(a, b, options));
  return parse_json(report::to_json(comparison), pair.name);
}

Result<Json> compared_by(const std::string& command, const Pair& pair, const Stored& stored) {
  process::Command call;
  call.argv = {command, "diff", "--json", "--provenance", stored.provenance_a, stored.provenance_b};
  if (pair.epoch) call.argv.insert(call.argv.end(), {"--source-date-epoch", std::to_string(*pair.epoch)});
  call.argv.insert(call.argv.end(), {stored.a, stored.b});
  BUILDLAB_ASSIGN(const process::Finished finished, process::run(call));
  const int code = pair.expected.verdict == "identical" ? 0 : 1;
  const auto* exited = std::get_if<process::Exited>(&finished.termination);
  if (exited == nullptr || exited->code != code) {
    return fail(
        ErrorKind::infrastructure,
        fmt::format("{}: {}; {}", pair.name, to_string(finished.termination), finished.standard_error));
  }
  return parse_json(finished.standard_output, pair.name);
}

}  // namespace buildlab::corpus
