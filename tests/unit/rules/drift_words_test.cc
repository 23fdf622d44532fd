#include "gates/rules/drift_words.h"

#include "tests/unit/rules/rule_fixture.h"

namespace buildlab::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

record::DriftCause cause(std::string place, std::string row) {
  record::DriftCause found;
  found.place = std::move(place);
  found.attributes = {"content"};
  if (row.empty()) return found;
  found.kind = "TIME";
  found.name = "a log has times";
  found.row = std::move(row);
  found.proven = true;
  found.fix = "rm -f the log";
  return found;
}

std::vector<std::string> words(std::vector<record::DriftCause> causes) {
  record::Drift drift;
  drift.build_a = 1;
  drift.build_b = 2;
  drift.causes = std::move(causes);
  return drift_words(testing::record("app.same", "reproducibility", {}), drift);
}

TEST(DriftWords, NameTheRowOfTheCatalogueBesideTheClass) {
  EXPECT_THAT(
      words({cause("var/log/dpkg.log", "B1")}),
      ElementsAre(HasSubstr("builds 1 and 2"), HasSubstr("TIME B1 (proven): var/log/dpkg.log [content]"),
                  "  a log has times", "  fix: rm -f the log"));
}

TEST(DriftWords, NameNoRowForWhatIsUnknown) {
  EXPECT_THAT(words({cause("srv/x", "")}),
              ElementsAre(HasSubstr("builds 1 and 2"), HasSubstr("unknown cause: srv/x")));
}

TEST(DriftWords, TellEveryRootOfAnUsualImageAndCountTheRest) {
  std::vector<record::DriftCause> causes;
  for (int i = 1; i <= 40; ++i) causes.push_back(cause("file" + std::to_string(i), "B" + std::to_string(i)));
  const std::vector<std::string> told = words(causes);
  EXPECT_THAT(told, ::testing::Contains(HasSubstr("TIME B20 (proven)")));
  EXPECT_THAT(told, Not(::testing::Contains(HasSubstr("TIME B40"))));
  EXPECT_THAT(told.back(), HasSubstr("more causes; build-lab diff on the kept images shows all"));
}

}  // namespace
}  // namespace buildlab::gates
