#include "framework/drift/instructions.h"

namespace buildlab::drift {

Instructions::Instructions(const metrics::Provenance& provenance,
                           const std::optional<std::string>& dockerfile)
    : m_file(dockerfile.value_or(provenance.dockerfile_name)) {
  const auto parsed = dockerfile::parse_dockerfile(provenance.dockerfile_text, m_file);
  if (!parsed) return;
  for (const dockerfile::Stage& stage : parsed->stages) {
    m_texts.emplace(stage.from.lines, stage.from.text);
    for (const dockerfile::Instruction& instruction : stage.instructions)
      m_texts.emplace(instruction.lines, instruction.text);
  }
}

StepRef Instructions::at(const dockerfile::LineRange& lines) const {
  StepRef step{m_file, lines};
  if (const auto text = m_texts.find(lines); text != m_texts.end()) step.text = text->second;
  return step;
}

}  // namespace buildlab::drift
