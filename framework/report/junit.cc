// JUnit as its consumers read it: GitLab shows classname, name, file, time and the content of a failure,
// Jenkins also message and properties; both read [[ATTACHMENT|path]] lines at the end of system-out.
#include "framework/report/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "framework/report/report.h"
#include "framework/report/values.h"
#include "framework/report/xml.h"

namespace buildlab::report {
namespace {

struct Suite {
  std::string subject;
  std::vector<const record::ScenarioRecord*> records;
};

struct Totals {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  double time_sec = 0;

  void add(const Totals& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    time_sec += other.time_sec;
  }
};

std::vector<Suite> suites_of(const std::vector<record::ScenarioRecord>& records) {
  std::vector<Suite> suites;
  for (const record::ScenarioRecord& record : records) {
    auto suite = std::find_if(suites.begin(), suites.end(),
                              [&record](const Suite& each) { return each.subject == record.subject.name; });
    if (suite == suites.end()) suite = suites.insert(suites.end(), Suite{record.subject.name, {}});
    suite->records.push_back(&record);
  }
  return suites;
}

std::string attributes(const Totals& totals) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3f}\"", totals.tests,
                     totals.failures, totals.errors, totals.time_sec);
}

std::string property(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return fmt::format("        <property name=\"{}\" value=\"{}\"/>\n", xml_attribute(name),
                     xml_attribute(value));
}

std::string case_to_xml(const TestCase& test, const std::string& scenario) {
  const std::string line = test.line > 0 ? fmt::format(" line=\"{}\"", test.line) : "";
  std::string xml = fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"{} time=\"{:.3f}\">\n",
                                xml_attribute(scenario), xml_attribute(test.name), xml_attribute(test.file),
                                line, test.time_sec);
  xml += "      <properties>\n";
  for (const auto& [name, value] : test.properties) xml += property(name, value);
  xml += "      </properties>\n";
  if (test.trouble) {
    const std::string_view element = *test.trouble == Trouble::error ? "error" : "failure";
    xml += fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", element,
                       xml_attribute(test.type), xml_attribute(test.message), xml_text(test.details));
  }
  std::string output = test.output;
  for (const std::string& path : test.attachments) output += fmt::format("\n[[ATTACHMENT|{}]]", path);
  if (!output.empty()) xml += fmt::format("      <system-out>{}\n</system-out>\n", xml_text(output));
  return xml + "    </testcase>\n";
}

std::string suite_properties(const Suite& suite) {
  const record::ScenarioRecord& record = *suite.records.front();
  const record::Circumstances& circumstances = record.circumstances;
  std::string xml = "    <properties>\n";
  xml += property("subject", suite.subject);
  xml += property("dockerfile", record.dockerfile_path);
  xml += property("target", record.subject.target);
  xml += property("platform", record.subject.platform);
  xml += property("buildlab_version", circumstances.tool_version);
  xml += property("buildkit_version", circumstances.buildkit_version);
  xml += property("cores", fmt::format("{}", circumstances.cores));
  for (const record::Base& base : circumstances.bases) {
    xml += property("base", fmt::format("{}@{}", base.reference, base.digest));
  }
  return xml + "    </properties>\n";
}

std::string suite_to_xml(const Suite& suite, const std::string& runs_folder, Totals& totals) {
  std::string cases;
  for (const record::ScenarioRecord* record : suite.records) {
    for (const TestCase& test : test_cases(*record, runs_folder)) {
      ++totals.tests;
      totals.failures += test.trouble == Trouble::failure ? 1 : 0;
      totals.errors += test.trouble == Trouble::error ? 1 : 0;
      totals.time_sec += test.time_sec;
      cases += case_to_xml(test, record->name);
    }
  }
  return fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\">\n{}{}  </testsuite>\n",
                     xml_attribute("buildlab." + suite.subject), attributes(totals),
                     xml_attribute(suite.records.front()->started), suite_properties(suite), cases);
}

}  // namespace

std::string to_junit(const ReportInput& unsafe) {
  const ReportInput input = redacted(unsafe);
  Totals totals;
  std::string suites;
  for (const Suite& suite : suites_of(input.records)) {
    Totals own;
    suites += suite_to_xml(suite, input.runs_folder, own);
    totals.add(own);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"buildlab\" {}>\n{}</testsuites>\n",
      attributes(totals), suites);
}

}  // namespace buildlab::report
