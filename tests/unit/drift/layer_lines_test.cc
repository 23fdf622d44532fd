#include "framework/drift/layer_lines.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace buildlab::drift {
namespace {

using Entries = std::vector<std::pair<std::string, bool>>;  // created_by, whether it has a layer

Json config_of(const Entries& entries, const std::string& comment = "buildkit.dockerfile.v0") {
  Json history = Json::array();
  for (const auto& [created_by, has_layer] : entries) {
    Json entry{{"created", "2026-11-27T14:46:47Z"}, {"created_by", created_by}, {"comment", comment}};
    if (!has_layer) entry["empty_layer"] = true;
    history.push_back(std::move(entry));
  }
  return Json{{"os", "linux"}, {"architecture", "amd64"}, {"history", std::move(history)}};
}

std::size_t layers_of(const Entries& entries) {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.second; }));
}

metrics::Provenance provenance_of(const std::string& dockerfile) {
  metrics::Provenance provenance;
  provenance.dockerfile_name = "Dockerfile";
  provenance.dockerfile_text = dockerfile;
  return provenance;
}

// "whole: 2 4-5 -", the lowest layer first.
std::string text(const LayerLines& found) {
  std::string text = found.fit == HistoryFit::none  ? "none:"
                     : found.fit == HistoryFit::end ? "end:"
                                                    : "whole:";
  for (const auto& lines : found.lines) {
    text += !lines                        ? " -"
            : lines->first == lines->last ? fmt::format(" {}", lines->first)
                                          : fmt::format(" {}-{}", lines->first, lines->last);
  }
  return text;
}

std::string tied(const metrics::Provenance& provenance, const Entries& entries) {
  return text(lines_of_layers(provenance, config_of(entries), layers_of(entries)));
}

std::string tied(const std::string& dockerfile, const Entries& entries) {
  return tied(provenance_of(dockerfile), entries);
}

// What BuildKit v0.32.2 made of it, with the build argument OTHER=o.
constexpr const char* k_rich = R"(ARG BASE=tools
FROM scratch AS tools
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]

FROM ${BASE} AS middle
ARG VERSION=1.0 \
    OTHER
ENV A=b \
    C="d e"
RUN --mount=type=cache,target=/c echo $VERSION  \
  # a comment
  && echo "two  blanks" \
    > /out
WORKDIR rel
RUN ["/bin/busybox", "touch", "/x y"]
RUN <<EOF
echo one
  echo two
EOF
RUN <<-"EOF"
	#!/bin/busybox sh
	echo three
EOF
RUN /bin/busybox cat <<A > /cat && /bin/busybox cat <<-'B' > /dog
x
A
	y
B

FROM middle AS final
COPY --link a.txt "b.txt" /dst/
COPY --chown=1:2 --chmod=644 ["a.txt", "/j son"]
COPY --from=middle /out /out-${VERSION}
ADD sub /sub/
COPY <<F1 b.txt <<F2 /here/
1
F1
2
F2
USER 1:1
EXPOSE 80 81/udp
HEALTHCHECK --interval=5s CMD true
WORKDIR /
WORKDIR /w/../x/
run echo lower
CMD ["sh"]
)";

Entries middle_entries(const std::string& other) {
  const std::string run = "RUN |2 VERSION=1.0 OTHER=" + other + " /bin/busybox ";
  return {
      {"COPY busybox /bin/busybox # buildkit", true},
      {"SHELL [/bin/busybox sh -c]", false},
      {"ARG VERSION=1.0 OTHER" + (other.empty() ? "" : "=" + other), false},
      {"ENV A=b C=d e", false},
      {run + "sh -c echo $VERSION    && echo \"two  blanks\"     > /out # buildkit", true},
      {"WORKDIR /rel", true},
      {run + "touch /x y # buildkit", true},
      {run + "sh -c echo one\n  echo two\n # buildkit", true},
      {run + "sh -c /dev/pipes/EOF # buildkit", true},
      {run + "sh -c /bin/busybox cat <<A > /cat && /bin/busybox cat <<-'B' > /dog\nx\nA\n\ty\nB # buildkit",
       true},
  };
}

Entries rich_entries() {
  Entries entries = middle_entries("o");
  entries.insert(entries.end(),
                 {
                     {"COPY a.txt b.txt /dst/ # buildkit", true},
                     {"COPY --chown=1:2 --chmod=644 a.txt /j son # buildkit", true},
                     {"COPY /out /out-1.0 # buildkit", true},
                     {"ADD sub /sub/ # buildkit", true},
                     {"COPY b.txt <<F1 <<F2 /here/ # buildkit", true},
                     {"USER 1:1", false},
                     {"EXPOSE [80/tcp 81/udp]", false},
                     {"HEALTHCHECK {Test:[CMD-SHELL true] Interval:5s Timeout:0s StartPeriod:0s "
                      "StartInterval:0s Retries:0}",
                      false},
                     {"WORKDIR /", false},
                     {"WORKDIR /w/../x/", true},
                     {"RUN |2 VERSION=1.0 OTHER=o /bin/busybox sh -c echo lower # buildkit", true},
                     {"CMD [\"sh\"]", false},
                 });
  return entries;
}

TEST(LayerLines, AreThoseOfTheHistoryWhereProvenanceKnowsNone) {
  EXPECT_EQ(tied(k_rich, rich_entries()), "whole: 3 11-14 15 16 17-20 21-24 25-29 32 33 34 35 36-40 45 46");
}

TEST(LayerLines, AreOfTheStageThatWasBuilt) {
  metrics::Provenance provenance = provenance_of(k_rich);
  provenance.request.target = "Middle";
  EXPECT_EQ(tied(provenance, middle_entries("")), "whole: 3 11-14 15 16 17-20 21-24 25-29");
  EXPECT_EQ(tied(k_rich, middle_entries("")), "none: - - - - - - -");
  provenance.request.target = "gone";
  EXPECT_EQ(tied(provenance, middle_entries("")), "none: - - - - - - -");
}

TEST(LayerLines, OfAStageThatAnotherContextStandsForAreNotKnown) {
  metrics::Provenance provenance = provenance_of("FROM base AS tools\nRUN one\nFROM tools\nRUN two\n");
  const Entries entries = {
      {"a base's", true}, {"RUN /bin/sh -c one # buildkit", true}, {"RUN /bin/sh -c two # buildkit", true}};
  EXPECT_EQ(tied(provenance, entries), "whole: 1 2 4");
  provenance.request.contexts = {"tools"};
  EXPECT_EQ(tied(provenance, entries), "whole: - - 4");
}

TEST(LayerLines, FollowVariablesOfAFromAsFarAsTheyAreKnown) {
  const std::string dockerfile =
      "ARG KIND\nFROM base AS on-amd64\nRUN one\nFROM base AS on-arm64\nRUN two\n"
      "FROM on-${TARGETARCH} AS middle\nRUN three\nFROM ${KIND}\nRUN four\n";
  const Entries entries = {{"RUN /bin/sh -c one # buildkit", true},
                           {"RUN /bin/sh -c three # buildkit", true},
                           {"RUN /bin/sh -c four # buildkit", true}};
  metrics::Provenance provenance = provenance_of(dockerfile);
  EXPECT_EQ(tied(provenance, entries), "whole: - - 9");
  provenance.request.build_args["KIND"] = "middle";
  EXPECT_EQ(tied(provenance, entries), "whole: 3 7 9");
}

TEST(LayerLines, OfTheBaseAndItsTriggersAreThoseOfTheFrom) {
  const std::string dockerfile =
      "FROM base:1 AS tools\nARG V=2\nCOPY a.txt /a\nRUN echo $V > /v\n\n"
      "FROM tools AS last\nCOPY --link b.txt /b.txt\nCMD [\"x\"]\n";
  const Entries entries = {{"COPY busybox /bin/busybox # buildkit", true},
                           {"SHELL [/bin/busybox sh -c]", false},
                           {"RUN /bin/busybox sh -c echo trigger > /t # buildkit", true},
                           {"ARG V=2", false},
                           {"COPY a.txt /a # buildkit", true},
                           {"RUN |1 V=2 /bin/busybox sh -c echo $V > /v # buildkit", true},
                           {"COPY b.txt /b.txt # buildkit", true},
                           {"CMD [\"x\"]", false}};
  EXPECT_EQ(tied(dockerfile, entries), "whole: 1 1 3 4 7");
}

TEST(LayerLines, OfTriggersOfAStageAreThoseOfTheFromThatHasThem) {
  const std::string dockerfile =
      "FROM base AS tools\nRUN one\nONBUILD RUN two\nONBUILD COPY a b\nFROM tools\nRUN three\n";
  EXPECT_EQ(tied(dockerfile, {{"RUN /bin/sh -c one # buildkit", true},
                              {"RUN /bin/sh -c two # buildkit", true},
                              {"COPY a b # buildkit", true},
                              {"RUN /bin/sh -c three # buildkit", true}}),
            "whole: 2 5 5 6");
}

TEST(LayerLines, BelowAMismatchAreNotKnown) {
  const std::string dockerfile = "FROM base\nRUN one\nRUN two\nCOPY a b\nRUN three\n";
  const std::string sh = "RUN /bin/sh -c ";
  const Entries right = {{"base", true},
                         {sh + "one # buildkit", true},
                         {sh + "two # buildkit", true},
                         {"COPY a b # buildkit", true},
                         {sh + "three # buildkit", true}};
  EXPECT_EQ(tied(dockerfile, right), "whole: 1 2 3 4 5");
  const auto with = [&](std::size_t at, const std::string& created_by, bool has_layer = true) {
    Entries entries = right;
    entries[at] = {created_by, has_layer};
    return tied(dockerfile, entries);
  };
  EXPECT_EQ(with(2, sh + "other # buildkit"), "end: - - - 4 5");
  EXPECT_EQ(with(2, sh + "two three # buildkit"), "end: - - - 4 5") << "the command stands at the end";
  EXPECT_EQ(with(3, "COPY a c # buildkit"), "end: - - - - 5");
  EXPECT_EQ(with(3, "COPYRIGHT a b"), "end: - - - - 5");
  EXPECT_EQ(with(3, "ADD a b # buildkit"), "end: - - - - 5");
  EXPECT_EQ(with(3, "COPY a b # buildkit", false), "end: - - - 5") << "a COPY without a layer is none";
  EXPECT_EQ(with(4, "RUN /bin/sh -c four # buildkit"), "none: - - - - -");
  EXPECT_EQ(with(4, ""), "none: - - - - -");
  EXPECT_EQ(with(4, sh + "three # buildkit", false), "none: - - - -");
  EXPECT_EQ(tied("FROM base\nRUN one\nUSER me\n", {{sh + "one # buildkit", true}, {"USER me", true}}),
            "none: - -");
  EXPECT_EQ(tied("FROM scratch\nRUN three\n", right), "none: - - - - -") << "scratch has no layers";
  EXPECT_EQ(tied("FROM base\nCMD [\"x\"]\n", {{"base", true}, {"CMD [\"x\"]", false}}), "none: -");
}

TEST(LayerLines, OfABaseWithoutHistoryAreTheOnesBelow) {
  // The exporter tells of as many of the highest layers once more as the base has.
  Json config = config_of({{"COPY a.txt /a # buildkit", true}, {"RUN /bin/sh -c two # buildkit", true}});
  for (const char* created_by : {"COPY a.txt /a", "mount / from exec /bin/sh -c two"})
    config["history"].push_back({{"created_by", created_by}, {"comment", "buildkit.exporter.image.v0"}});
  EXPECT_EQ(text(lines_of_layers(provenance_of("FROM base\nCOPY a.txt /a\nRUN two\n"), config, 4)),
            "whole: 1 1 2 3");
}

TEST(LayerLines, OfAnotherNumberOfLayersThanTheHistoryTellsOfAreNotKnown) {
  const auto provenance = provenance_of("FROM base\nRUN one\n");
  const Json config = config_of({{"base", true}, {"RUN /bin/sh -c one # buildkit", true}});
  EXPECT_EQ(text(lines_of_layers(provenance, config, 2)), "whole: 1 2");
  EXPECT_EQ(text(lines_of_layers(provenance, config, 1)), "none: -");
  EXPECT_EQ(text(lines_of_layers(provenance, config, 3)), "none: - - -");
}

TEST(LayerLines, OfAHistoryThatIsNoneAreNotKnown) {
  const auto provenance = provenance_of("FROM base\nRUN one\n");
  for (const char* config :
       {"[]", "{}", "7", R"({"history": null})", R"({"history": {}})", R"({"history": [7]})",
        R"({"history": [{"created_by": 7}]})", R"({"history": [{"created_by": ["RUN one"]}]})",
        R"({"history": [{"created_by": "RUN one", "empty_layer": "no"}]})",
        R"({"history": [{"created_by": "RUN one", "comment": {}}]})"}) {
    EXPECT_EQ(text(lines_of_layers(provenance, Json::parse(config), 1)), "none: -") << config;
  }
  EXPECT_EQ(text(lines_of_layers(provenance,
                                 Json::parse(R"({"os": 7, "history": [{"created_by": "RUN one"}]})"), 1)),
            "whole: 2");
  EXPECT_EQ(tied("no Dockerfile", {{"RUN one", true}}), "none: -");
}

TEST(LayerLines, OfTextsThatDifferInBlanksAndBytesThatAreNoTextAreTheSame) {
  EXPECT_EQ(tied("FROM base\nRUN echo \xff \xc3\xa9 \\\n\t  && make\n",
                 {{"RUN /bin/sh -c echo \xef\xbf\xbd \xc3\xa9   && make # buildkit", true}}),
            "whole: 2-3");
}

TEST(LayerLines, OfCommandsWhoseSecretsAreMaskedAreKnown) {
  const std::string dockerfile = "FROM base\nRUN wget https://***@host/x?token=*** -O /x\nCOPY ***.txt /b\n";
  const auto entries = [](const std::string& command) {
    return Entries{{"RUN /bin/sh -c " + command + " # buildkit", true}, {"COPY me.txt /b # buildkit", true}};
  };
  EXPECT_EQ(tied(dockerfile, entries("wget https://me:word@host/x?token=hunter2 -O /x")), "whole: 2 3");
  EXPECT_EQ(tied(dockerfile, entries("wget https://me:word@host/x?token=hunter2 -O /y")), "end: - 3");
  EXPECT_EQ(tied(dockerfile, entries("curl https://me:word@host/y?token=hunter2 -O /x")), "end: - 3");
  EXPECT_EQ(tied("FROM base\nRUN echo ***\n", {{"RUN /bin/sh -c echo *** # buildkit", true}}), "whole: 2");
}

TEST(LayerLines, ThatProvenanceKnowsAreProvenances) {
  metrics::Provenance provenance = provenance_of("FROM base AS x\nRUN one\nFROM base\nRUN one\nRUN two\n");
  provenance.steps["step0"] = {"step0", {}, {{1, 1}, {3, 3}}};
  provenance.steps["step1"] = {"step1", {}, {{2, 2}, {4, 4}}};
  provenance.steps["step2"] = {"step2", {}, {{5, 5}}};
  provenance.step_of_layer = {"step0", "step1", "step2"};
  const Entries entries = {
      {"base", true}, {"RUN /bin/sh -c one # buildkit", true}, {"RUN /bin/sh -c two # buildkit", true}};
  // Of a step that two instructions share it knows both places, and the history which of them is the
  // target's.
  EXPECT_EQ(tied(provenance, entries), "whole: 3 4 5");
  // What it does not know is the history's, as long as they do not contradict each other.
  provenance.steps["step1"].lines.clear();
  EXPECT_EQ(tied(provenance, entries), "whole: 3 4 5");
  provenance.steps["step2"].lines = {{9, 9}};
  EXPECT_EQ(tied(provenance, entries), "none: 1 - 9");
}

}  // namespace
}  // namespace buildlab::drift
