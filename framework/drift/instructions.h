// The instructions of the Dockerfile that provenance holds. Private to this room.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "framework/drift/difference.h"
#include "framework/metrics/provenance.h"

namespace buildlab::drift {

class Instructions {
 public:
  // `dockerfile` names the file; without it the provenance's own name is taken.
  Instructions(const metrics::Provenance& provenance, const std::optional<std::string>& dockerfile);

  StepRef at(const dockerfile::LineRange& lines) const;

 private:
  std::string m_file;
  std::map<dockerfile::LineRange, std::string> m_texts;
};

}  // namespace buildlab::drift
