// What became of variations in the steps of a build.
#pragma once

#include <string>
#include <vector>

#include "framework/variation/variation.h"

namespace buildlab::variation {

enum class How {
  applied,
  pinned,   // the image sets the value itself, so that surroundings cannot change it
  refused,  // it could not be applied
};

struct Application {
  Variation variation;
  How how = How::applied;
  std::string reason = {};  // of pinned and refused: "sh is a static program"

  friend bool operator==(const Application&, const Application&) = default;
};

// One container, that is one RUN that was executed.
struct StepReport {
  std::string command;  // "/bin/sh -c make", cut
  std::vector<Application> applications;

  friend bool operator==(const StepReport&, const StepReport&) = default;
};

}  // namespace buildlab::variation
