#include "framework/metrics/readers.h"

#include "framework/base/redact.h"
#include "framework/metrics/join.h"

namespace buildlab::metrics {
namespace {

bool is_web(std::string_view uri) {
  return uri.starts_with("http://") || uri.starts_with("https://");
}

void add_listed(Readers& readers, const Provenance& provenance, const BuildGraph& progress) {
  const auto file = dockerfile::parse_dockerfile(provenance.dockerfile_text, provenance.dockerfile_name);
  if (!file) return;
  std::vector<std::size_t> stages;
  for (const dockerfile::Stage& stage : file->stages) stages.push_back(stage.index);
  std::vector<Row> rows = rows_of(*file, stages);
  join(progress, provenance, *file, rows);
  for (const Row& row : rows) {
    for (const std::size_t vertex : row.vertexes) {
      for (const std::string& url : progress.vertexes[vertex].fetched)
        readers[redact_url_credentials(url)].insert(row.instruction->lines);
    }
  }
}

}  // namespace

Readers readers_of(const Provenance& provenance, const BuildGraph* progress) {
  Readers readers;
  std::vector<dockerfile::LineRange> networked;  // first lines of each, as far as known
  std::size_t count = 0;
  for (const auto& [id, step] : provenance.steps) {
    if (step.networked) ++count;
    if (step.lines.empty()) continue;
    if (is_web(step.source)) readers[redact_url_credentials(step.source)].insert(step.lines.front());
    if (step.networked) networked.push_back(step.lines.front());
  }
  if (progress != nullptr) add_listed(readers, provenance, *progress);
  if (!provenance.proxy_network || count != 1 || networked.empty()) return readers;
  for (const Material& material : provenance.materials) {
    const std::string url = redact_url_credentials(material.uri);
    if (is_web(url) && !readers.contains(url)) readers[url].insert(networked.front());
  }
  return readers;
}

}  // namespace buildlab::metrics
