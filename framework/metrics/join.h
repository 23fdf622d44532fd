// Which vertexes a Dockerfile's instruction became.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "framework/dockerfile/dockerfile.h"
#include "framework/metrics/graph.h"
#include "framework/metrics/intervals.h"
#include "framework/metrics/provenance.h"

namespace buildlab::metrics {

// A RUN, COPY, ADD or WORKDIR of a needed stage.
struct Row {
  const dockerfile::Stage* stage = nullptr;
  const dockerfile::Instruction* instruction = nullptr;
  // Equal for instructions that BuildKit gives one vertex: the same text over the same base and instructions.
  std::string definition;
  std::vector<std::size_t> vertexes;  // indexes into the graph, ascending
};

// In Dockerfile order, nothing joined yet.
std::vector<Row> rows_of(const dockerfile::Dockerfile& file, const std::vector<std::size_t>& needed);

// By provenance where it knows the vertex and its lines, else by the vertex's name: stage, then position and
// text.
void join(const BuildGraph& graph, const std::optional<Provenance>& provenance,
          const dockerfile::Dockerfile& file, std::vector<Row>& rows);

}  // namespace buildlab::metrics
