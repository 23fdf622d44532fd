// numbers_of_builds FOLDER...: one JSON line a folder with what the product says of that build. For tests
// that compare it with the truth seen from outside.
#include <cstdio>

#include "tests/support/recorded_build.h"

int main(int argc, char** argv) {
  using namespace buildlab;
  int exit_code = 0;
  for (int i = 1; i < argc; ++i) {
    const auto build = test::load_recorded_build(argv[i]);
    if (!build) {
      std::fprintf(stderr, "%s: %s\n", argv[i], build.error().message.c_str());
      exit_code = 1;
      continue;
    }
    const metrics::Numbers& numbers = build->numbers;
    Json steps = Json::array();
    for (const metrics::Step& step : numbers.steps) {
      steps.push_back({{"stage", step.stage},
                       {"lines", {step.lines.first, step.lines.last}},
                       {"text", step.text},
                       {"outcome", metrics::to_string(step.outcome)},
                       {"source", step.source ? Json(metrics::to_string(*step.source)) : Json()},
                       {"seconds", step.seconds ? Json(*step.seconds) : Json()},
                       {"hydration_seconds", step.hydration_seconds ? Json(*step.hydration_seconds) : Json()},
                       {"error", step.error ? Json(*step.error) : Json()}});
    }
    Json path = Json::array();
    for (const auto& step : numbers.critical_path)
      path.push_back({{"name", step.name}, {"seconds", step.seconds}});
    const metrics::Parts& parts = numbers.parts;
    std::puts(to_line(Json{{"folder", argv[i]},
                           {"steps", steps},
                           {"critical_path", path},
                           {"parts",
                            {{"steps", parts.steps_sec},
                             {"hydration", parts.hydration_sec},
                             {"base_pull", parts.base_pull_sec},
                             {"context", parts.context_sec},
                             {"cache_import", parts.cache_import_sec},
                             {"cache_export", parts.cache_export_sec},
                             {"export", parts.export_sec},
                             {"idle", parts.idle_sec}}},
                           {"duration_sec", build->duration_sec()},
                           {"error", numbers.error ? Json(*numbers.error) : Json()},
                           {"cache_export_error",
                            numbers.cache_export_error ? Json(*numbers.cache_export_error) : Json()},
                           {"broken_laws", metrics::broken_laws(numbers, build->duration_sec())}})
                  .c_str());
  }
  return exit_code;
}
