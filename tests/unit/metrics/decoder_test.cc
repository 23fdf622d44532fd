// The decoder against what comes from outside: cut anywhere, wrong, hostile.
#include <algorithm>
#include <string>

#include "framework/metrics/graph.h"
#include "tests/unit/metrics/recorded.h"

namespace buildlab::metrics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Result<BuildGraph> decode(std::string_view text, std::size_t piece = std::string::npos) {
  ProgressDecoder decoder;
  while (!text.empty()) {
    decoder.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  return decoder.finish();
}

std::string shape_of(const BuildGraph& graph) {
  std::string shape = std::to_string(graph.lines) + (graph.truncated ? " cut" : "") + "\n";
  for (const Vertex& vertex : graph.vertexes) {
    shape += vertex.digest + "|" + vertex.name + "|" + std::to_string(vertex.inputs.size());
    for (const Interval& interval : vertex.intervals) {
      shape += "|" + to_rfc3339(interval.started) +
               (interval.completed ? to_rfc3339(*interval.completed) : "-") + (interval.cached ? "c" : "") +
               (interval.has_inputs ? "i" : "") + interval.error;
    }
    for (const Transfer& transfer : vertex.transfers) {
      shape += "|" + transfer.id + std::to_string(transfer.current) + "/" + std::to_string(transfer.total);
    }
    for (const std::string& line : vertex.log_tail) shape += "|" + line;
    shape += "\n";
  }
  for (const std::string& line : graph.plain_lines) shape += line + "\n";
  return shape;
}

std::string stream_of(const std::string& name) {
  return read_file(std::string(BUILDLAB_TEST_DATA) + "/progress/" + name + "/progress.rawjson").value_or("");
}

TEST(Decoder, TheSameGraphHoweverTheStreamIsCut) {
  for (const char* name : {"failed_run", "failed_load", "heredoc_and_link"}) {
    const std::string stream = stream_of(name);
    ASSERT_GT(stream.size(), 1000U);
    const auto whole = decode(stream);
    ASSERT_TRUE(whole.has_value());
    for (const std::size_t piece : {1U, 2U, 7U, 63U, 4096U}) {
      const auto cut = decode(stream, piece);
      ASSERT_TRUE(cut.has_value());
      EXPECT_EQ(shape_of(*cut), shape_of(*whole)) << name << " in pieces of " << piece;
    }
  }
}

TEST(Decoder, AStreamThatEndsAnywhereIsAtMostTruncated) {
  const std::string stream = stream_of("first_build");
  for (std::size_t length = 0; length <= stream.size(); length += 97) {
    const auto graph = decode(std::string_view(stream).substr(0, length));
    ASSERT_TRUE(graph.has_value()) << length << ": " << graph.error().message;
    EXPECT_EQ(graph->truncated, length > 0 && stream[length - 1] != '\n') << length;
  }
}

TEST(Decoder, TheLastEventOfAnIntervalDecides) {
  const auto graph = decode(
      R"({"vertexes":[{"digest":"a","name":"RUN x","inputs":["b"],"started":"2026-01-01T00:00:01Z","error":"old"}]}
{"vertexes":[{"digest":"a","name":"RUN x","inputs":["b"],"started":"2026-01-01T00:00:01Z","completed":"2026-01-01T00:00:02Z"}]}
)");
  ASSERT_TRUE(graph.has_value());
  ASSERT_THAT(graph->vertexes, SizeIs(1));
  ASSERT_THAT(graph->vertexes[0].intervals, SizeIs(1));
  EXPECT_EQ(graph->vertexes[0].intervals[0].error, "");
  EXPECT_TRUE(graph->vertexes[0].intervals[0].has_inputs);
}

TEST(Decoder, IntervalsAreOrderedByTheirStart) {
  const auto graph = decode(R"({"vertexes":[
)"
                            R"({"vertexes":[{"digest":"a","started":"2026-01-01T00:00:05Z"}]}
)");
  EXPECT_FALSE(graph.has_value()) << "half a line in the middle is an error";
  const auto ordered = decode(
      "{\"vertexes\":[{\"digest\":\"a\",\"started\":\"2026-01-01T00:00:05Z\"},{\"digest\":\"a\","
      "\"started\":\"2026-01-01T00:00:03Z\",\"completed\":\"2026-01-01T00:00:04Z\"}]}\n");
  ASSERT_TRUE(ordered.has_value());
  ASSERT_THAT(ordered->vertexes[0].intervals, SizeIs(2));
  EXPECT_LT(ordered->vertexes[0].intervals[0].started, ordered->vertexes[0].intervals[1].started);
}

TEST(Decoder, ATransferGrowsAndEnds) {
  const auto graph = decode(
      R"({"statuses":[{"id":"sha256:1","vertex":"a","current":1,"total":9,"timestamp":"2026-01-01T00:00:01Z","started":"2026-01-01T00:00:00Z"}]}
{"statuses":[{"id":"sha256:1","vertex":"a","current":9,"total":9,"timestamp":"2026-01-01T00:00:02Z","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:02Z"}]}
)");
  ASSERT_TRUE(graph.has_value());
  ASSERT_THAT(graph->vertexes[0].transfers, SizeIs(1));
  const Transfer& transfer = graph->vertexes[0].transfers[0];
  EXPECT_EQ(transfer.current, 9);
  EXPECT_TRUE(transfer.completed);
  EXPECT_EQ(to_seconds(transfer.last - transfer.first), 2.0);
}

TEST(Decoder, PlainLinesAreKeptAndUnknownFieldsPassedOver) {
  const auto graph =
      decode("time=\"x\" level=warning\n\n  \r\n{\"new\":[1,{\"a\":null}],\"vertexes\":null}\nerror: y\r\n");
  ASSERT_TRUE(graph.has_value());
  EXPECT_THAT(graph->plain_lines, ElementsAre("time=\"x\" level=warning", "error: y"));
  EXPECT_EQ(graph->lines, 5U);
}

TEST(Decoder, PlainLinesAreBounded) {
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += std::string(5000, 'x') + "\n";
  const auto graph = decode(stream);
  ASSERT_TRUE(graph.has_value());
  EXPECT_THAT(graph->plain_lines, SizeIs(200));
  EXPECT_EQ(graph->plain_lines.front().size(), 2000U);
}

struct Wrong {
  const char* line;
  const char* message;
};

TEST(Decoder, SaysWhichLineIsWrongAndWhy) {
  for (const Wrong& wrong : {
           Wrong{R"({"vertexes":[})", "not valid JSON"},
           Wrong{R"({"vertexes":{}})", "'vertexes' is not an array"},
           Wrong{R"({"vertexes":[7]})", "an element of 'vertexes' is not an object"},
           Wrong{R"({"vertexes":[{"name":"x"}]})", "a vertex without a digest"},
           Wrong{R"({"vertexes":[{"digest":5}]})", "'digest' is not a string"},
           Wrong{R"({"vertexes":[{"digest":"a","started":"yesterday"}]})", "'started' is not a time"},
           Wrong{R"({"vertexes":[{"digest":"a","started":"2026-01-01T00:00:01Z","cached":"yes"}]})",
                 "'cached' is not true or false"},
           Wrong{R"({"vertexes":[{"digest":"a","inputs":[1]}]})", "an element of 'inputs' is not a string"},
           Wrong{R"({"statuses":[{"vertex":"a"}]})", "a status without a vertex or an id"},
           Wrong{R"({"statuses":[{"vertex":"a","id":"b"}]})", "a status without a time"},
           Wrong{R"({"statuses":[{"vertex":"a","id":"b","started":"2026-01-01T00:00:01Z","current":"1"}]})",
                 "'current' is not a whole number"},
           Wrong{R"({"logs":[{"vertex":"a","data":"%%%%"}]})", "not base64"},
           Wrong{R"({"logs":[{"data":"eA=="}]})", "a log without a vertex"},
           Wrong{"{\"vertexes\":[{\"digest\":\"\xFF\xFE\"}]}", "not valid JSON"},
           Wrong{R"({} {})", "not valid JSON"},
       }) {
    const auto graph = decode(std::string("{}\n") + wrong.line + "\n{\"vertexes\":7}\n");
    ASSERT_FALSE(graph.has_value()) << wrong.line;
    EXPECT_THAT(graph.error().message, HasSubstr("line 2")) << "the first error is told: " << wrong.line;
    EXPECT_THAT(graph.error().message, HasSubstr(wrong.message));
    EXPECT_EQ(graph.error().kind, ErrorKind::infrastructure);
  }
}

TEST(Decoder, NulBytesAreNoEnd) {
  using namespace std::string_literals;
  EXPECT_FALSE(decode("{\"vertexes\":[{\"digest\":\"a\0b\"}]}\n"s).has_value())
      << "raw control bytes are not JSON";
  const auto graph = decode("{\"vertexes\":[{\"digest\":\"a\\u0000b\"}]}\nplain\0text\n"s);
  ASSERT_TRUE(graph.has_value());
  EXPECT_EQ(graph->vertexes[0].digest, "a\0b"s);
  EXPECT_THAT(graph->plain_lines, ElementsAre("plain\0text"s));
}

TEST(Decoder, DeepNestingIsRefused) {
  const std::string deep = "{\"x\":" + std::string(100000, '[') + std::string(100000, ']') + "}\n";
  const auto graph = decode(deep);
  ASSERT_FALSE(graph.has_value());
  EXPECT_THAT(graph.error().message, HasSubstr("line 1"));
}

TEST(Decoder, ALineBeyondTheLimitIsAnErrorAndNotKept) {
  ProgressDecoder decoder;
  decoder.feed("{\"x\":\"");
  const std::string piece(std::size_t{1} << 20U, 'x');
  for (int i = 0; i < 66; ++i) decoder.feed(piece);
  decoder.feed("\"}\n{\"vertexes\":7}\n");
  const auto graph = decoder.finish();
  ASSERT_FALSE(graph.has_value());
  EXPECT_THAT(graph.error().message, HasSubstr("line 1: longer than 64 MiB"));
}

TEST(Decoder, IntervalsAndTransfersOfOneVertexAreBounded) {
  ProgressDecoder decoder;
  for (int i = 0; i < 5000; ++i) {
    decoder.feed("{\"statuses\":[{\"id\":\"t" + std::to_string(i) +
                 "\",\"vertex\":\"a\",\"started\":\"2026-01-01T00:00:00Z\"}]}\n");
  }
  const auto graph = decoder.finish();
  ASSERT_FALSE(graph.has_value());
  EXPECT_THAT(graph.error().message, HasSubstr("line 4097"));
}

TEST(Decoder, EmptyIsAnEmptyGraph) {
  const auto graph = decode("");
  ASSERT_TRUE(graph.has_value());
  EXPECT_THAT(graph->vertexes, IsEmpty());
  EXPECT_FALSE(graph->truncated);
}

TEST(Decoder, WarningsAreToldOnce) {
  const auto graph = decode(
      "{\"warnings\":[{\"vertex\":\"a\",\"short\":\"RnJvbUFzQ2FzaW5n\"},{\"short\":\"RnJvbUFzQ2FzaW5n\"}]}"
      "\n");
  ASSERT_TRUE(graph.has_value());
  EXPECT_THAT(graph->warnings, ElementsAre("FromAsCasing"));
}

}  // namespace
}  // namespace buildlab::metrics
