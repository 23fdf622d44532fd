// Provenance lacks failed builds, downloads of ADD and all platforms but one; names fill these gaps.
#include "framework/metrics/join.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "framework/base/text.h"

namespace buildlab::metrics {
namespace {

// Runs of blanks as one: a continued line's break and indentation stand in a vertex's name as blanks.
std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      result.push_back(c);
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string keyword_of(std::string_view text) {
  if (text.starts_with("ONBUILD ")) text.remove_prefix(8);
  std::string keyword(text.substr(0, text.find(' ')));
  for (char& c : keyword) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return keyword;
}

// "WORKDIR /" makes no vertex and takes no number.
bool takes_no_number(const dockerfile::Instruction& instruction) {
  return instruction.keyword == "WORKDIR" && instruction.arguments.size() == 1 &&
         instruction.arguments.front() == "/";
}

// All vertexes of one "[stage n/m]": ADD of a URL and COPY --link have several.
struct NamedGroup {
  int position = 0;
  std::string text;
  std::vector<std::size_t> vertexes;
};

// How well a name fits an instruction; 0 not at all. Names have variables expanded and heredocs abridged, so
// the position in the stage (whose count starts at 1 or, after a base image, at 2) decides between equal
// keywords.
int fitness(const NamedGroup& group, const Row& row, int number) {
  if (keyword_of(group.text) != row.instruction->keyword) return 0;
  int score = 2;
  if (group.text == squeezed(row.instruction->text)) score += 4;
  if (group.position == number || group.position == number + 1) score += 1;
  return score;
}

// The pairing in order of both with the greatest sum of fitness (as in an edit distance).
void align(const std::vector<NamedGroup>& groups, const std::vector<std::size_t>& of_stage,
           std::vector<Row>& rows) {
  const std::size_t width = of_stage.size() + 1;
  std::vector<int> best((groups.size() + 1) * width, 0);
  std::vector<int> fits(groups.size() * of_stage.size(), 0);
  std::vector<int> numbers;
  int number = 0;
  for (const std::size_t row : of_stage)
    numbers.push_back(takes_no_number(*rows[row].instruction) ? 0 : ++number);
  for (std::size_t g = groups.size(); g-- > 0;) {
    for (std::size_t r = of_stage.size(); r-- > 0;) {
      const int fit = numbers[r] == 0 ? 0 : fitness(groups[g], rows[of_stage[r]], numbers[r]);
      fits[g * of_stage.size() + r] = fit;
      int& here = best[g * width + r];
      here = std::max(best[(g + 1) * width + r], best[g * width + r + 1]);
      if (fit > 0) here = std::max(here, fit + best[(g + 1) * width + r + 1]);
    }
  }
  std::size_t g = 0;
  std::size_t r = 0;
  while (g < groups.size() && r < of_stage.size()) {
    const int fit = fits[g * of_stage.size() + r];
    if (fit > 0 && best[g * width + r] == fit + best[(g + 1) * width + r + 1]) {
      auto& joined = rows[of_stage[r]].vertexes;
      joined.insert(joined.end(), groups[g].vertexes.begin(), groups[g].vertexes.end());
      ++g;
      ++r;
    } else if (best[g * width + r] == best[(g + 1) * width + r]) {
      ++g;
    } else {
      ++r;
    }
  }
}

std::vector<std::size_t> rows_of_stage(const std::vector<Row>& rows, const dockerfile::Stage& stage) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].stage == &stage) found.push_back(i);
  }
  return found;
}

const dockerfile::Stage* stage_of(const dockerfile::Dockerfile& file, const std::vector<Row>& rows,
                                  std::string_view name) {
  // Names of no stage: that of the Dockerfile's only one.
  if (name.empty()) return rows.empty() ? nullptr : rows.back().stage;
  for (const dockerfile::Stage& stage : file.stages) {
    if (to_lower(stage.label()) == to_lower(name)) return &stage;
  }
  return nullptr;
}

void join_by_name(const BuildGraph& graph, const std::vector<char>& is_joined,
                  const dockerfile::Dockerfile& file, std::vector<Row>& rows) {
  std::map<const dockerfile::Stage*, std::map<int, NamedGroup>> by_stage;
  for (std::size_t i = 0; i < graph.vertexes.size(); ++i) {
    const auto name = parse_step_name(graph.vertexes[i].name);
    if (!name || name->text.starts_with("FROM ")) continue;
    const dockerfile::Stage* stage = stage_of(file, rows, name->stage);
    if (stage == nullptr) continue;
    NamedGroup& group = by_stage[stage][name->position];
    group.position = name->position;
    if (group.text.empty()) group.text = squeezed(name->text);
    // Vertexes that provenance has joined stay in the alignment, as anchors.
    group.vertexes.push_back(i);
  }
  for (auto& [stage, by_position] : by_stage) {
    std::vector<NamedGroup> groups;
    for (auto& [position, group] : by_position) groups.push_back(std::move(group));
    std::vector<Row> trial;
    const std::vector<std::size_t> of_stage = rows_of_stage(rows, *stage);
    for (const std::size_t row : of_stage) {
      trial.push_back({rows[row].stage, rows[row].instruction, rows[row].definition, {}});
    }
    std::vector<std::size_t> all(trial.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    align(groups, all, trial);
    for (std::size_t i = 0; i < trial.size(); ++i) {
      for (const std::size_t vertex : trial[i].vertexes) {
        if (is_joined[vertex] == 0) rows[of_stage[i]].vertexes.push_back(vertex);
      }
    }
  }
}

// A download has the name of one of the ADDs that read it.
void add_downloads(const BuildGraph& graph, std::vector<Row>& rows) {
  std::unordered_map<std::string_view, std::size_t> by_digest;
  for (std::size_t i = 0; i < graph.vertexes.size(); ++i) by_digest.emplace(graph.vertexes[i].digest, i);
  for (Row& row : rows) {
    if (row.instruction->keyword != "ADD") continue;
    std::vector<std::size_t> downloads;
    for (const std::size_t vertex : row.vertexes) {
      for (const std::string& input : graph.vertexes[vertex].inputs) {
        const auto found = by_digest.find(input);
        if (found == by_digest.end() || !graph.vertexes[found->second].inputs.empty()) continue;
        const auto name = parse_step_name(graph.vertexes[found->second].name);
        if (name && keyword_of(name->text) == "ADD") downloads.push_back(found->second);
      }
    }
    row.vertexes.insert(row.vertexes.end(), downloads.begin(), downloads.end());
  }
}

void share_equal_definitions(std::vector<Row>& rows) {
  std::map<std::string_view, const Row*> joined;
  for (const Row& row : rows) {
    if (!row.vertexes.empty()) joined.emplace(row.definition, &row);
  }
  for (Row& row : rows) {
    if (!row.vertexes.empty()) continue;
    if (const auto twin = joined.find(row.definition); twin != joined.end())
      row.vertexes = twin->second->vertexes;
  }
}

// The row of a line. Triggers of one stage share the lines of its FROM: there the text decides.
std::vector<Row>::iterator row_at(std::vector<Row>& rows, int line, const Vertex& vertex) {
  const auto has_line = [line](const Row& row) {
    return row.instruction->lines.first <= line && line <= row.instruction->lines.last;
  };
  const auto first = std::find_if(rows.begin(), rows.end(), has_line);
  const auto name = parse_step_name(vertex.name);
  if (first == rows.end() || !name) return first;
  const std::string text = squeezed(name->text);
  const auto same = std::find_if(first, rows.end(), [&](const Row& row) {
    return has_line(row) && squeezed(row.instruction->text) == text;
  });
  return same == rows.end() ? first : same;
}

}  // namespace

std::vector<Row> rows_of(const dockerfile::Dockerfile& file, const std::vector<std::size_t>& needed) {
  std::vector<Row> rows;
  std::map<std::string, std::string> end_of_stage;  // label -> definition of its last instruction
  for (const std::size_t index : needed) {
    if (index >= file.stages.size()) continue;
    const dockerfile::Stage& stage = file.stages[index];
    const auto base = end_of_stage.find(to_lower(stage.base));
    std::string definition = base != end_of_stage.end() ? base->second : squeezed(stage.base);
    definition += "\nplatform " + stage.platform.value_or("");
    for (const auto* list : {&stage.triggers, &stage.instructions}) {
      for (const dockerfile::Instruction& instruction : *list) {
        definition += "\n" + squeezed(instruction.text);
        for (const std::string& body : instruction.heredocs) definition += "\n" + body;
        if (dockerfile::is_cacheable(instruction)) rows.push_back({&stage, &instruction, definition, {}});
      }
    }
    end_of_stage[to_lower(stage.label())] = definition;
  }
  return rows;
}

void join(const BuildGraph& graph, const std::optional<Provenance>& provenance,
          const dockerfile::Dockerfile& file, std::vector<Row>& rows) {
  std::vector<char> is_joined(graph.vertexes.size(), 0);
  if (provenance) {
    for (std::size_t i = 0; i < graph.vertexes.size(); ++i) {
      const auto id = provenance->step_of_vertex.find(graph.vertexes[i].digest);
      if (id == provenance->step_of_vertex.end()) continue;
      const auto step = provenance->steps.find(id->second);
      if (step == provenance->steps.end()) continue;
      for (const dockerfile::LineRange& lines : step->second.lines) {
        const auto row = row_at(rows, lines.first, graph.vertexes[i]);
        if (row == rows.end()) continue;
        row->vertexes.push_back(i);
        is_joined[i] = 1;
      }
    }
  }
  join_by_name(graph, is_joined, file, rows);
  add_downloads(graph, rows);
  share_equal_definitions(rows);
  for (Row& row : rows) {
    std::sort(row.vertexes.begin(), row.vertexes.end());
    row.vertexes.erase(std::unique(row.vertexes.begin(), row.vertexes.end()), row.vertexes.end());
  }
}

}  // namespace buildlab::metrics
