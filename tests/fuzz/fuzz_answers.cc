// libFuzzer on what others answer or ask: questions and answers of the domain name system, a daemon's cache
// keys and provenance, targets of requests, Locations, settings of a resolver, addresses of proxies, text
// with URLs.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/redact.h"
#include "framework/base/resolver.h"
#include "framework/base/through_url.h"
#include "framework/base/web_proxy.h"
#include "framework/cache_keys/differences.h"
#include "framework/cache_keys/evidence.h"
#include "framework/cache_keys/key_store_json.h"
#include "framework/cache_keys/operations.h"
#include "framework/cache_keys/parse_keys.h"
#include "framework/network/name_message.h"
#include "tests/fuzz/target.h"

namespace {

namespace cache_keys = buildlab::cache_keys;
namespace network = buildlab::network;

void require(bool holds) {
  if (!holds) std::abort();
}

// Two texts: what stands before the first line feed, and the rest.
struct Halves {
  explicit Halves(std::string_view bytes)
      : first(bytes.substr(0, bytes.find('\n'))),
        second(first.size() == bytes.size() ? std::string_view() : bytes.substr(first.size() + 1)) {}
  std::string_view first;
  std::string_view second;
};

void name_question(std::string_view packet) {
  const auto question = network::parse_name_question(packet);
  if (!question) return;
  require(question->end <= packet.size() && question->end >= network::k_name_header + 5);
  require(question->name.size() <= 253);
  const std::string answer =
      network::name_answer(packet, *question, network::NameStatus::good, network::NameAddress{127, 0, 0, 1});
  require(answer.size() == question->end + 16);
  require(!network::parse_name_question(answer));
  require(network::passed_on_answer(packet, answer) == answer);
  const auto refused =
      network::name_answer(packet, *question, network::NameStatus::server_failure, std::nullopt);
  require(refused.size() == question->end);
}

// The first 16 bytes are the question.
void name_answer(std::string_view bytes) {
  const std::string_view question = bytes.substr(0, 16);
  const std::string answer(bytes.substr(question.size()));
  const auto passed = network::passed_on_answer(question, answer);
  if (!passed) return;
  require(passed->size() == answer.size() && passed->substr(0, 2) == question.substr(0, 2));
  require(network::passed_on_answer(question, *passed) == passed);
}

void resolver(std::string_view text) {
  const buildlab::ResolverSettings read = buildlab::parse_resolver(text);
  require(read.servers.size() <= 3 && read.search.size() <= 32);
  for (const std::string& server : read.servers) require(server.find('\0') == std::string::npos);
  // Of very many options some are left out the second time.
  const auto again = buildlab::parse_resolver(buildlab::resolver_text(read));
  require(again.servers == read.servers && again.search == read.search);
  require(buildlab::parse_resolver(buildlab::resolver_text(again)) == again);
}

void keys(std::string_view text) {
  const auto parsed = cache_keys::parse_keys(text);
  if (!parsed) return;
  for (const auto& [digest, operation] : parsed->store.operations) {
    cache_keys::comparable(operation.preimage);
    cache_keys::readable(operation.preimage);
  }
  const buildlab::Json json = cache_keys::to_json(parsed->store);
  require(cache_keys::from_json(json).has_value());
}

// Of the same build, so that nothing differs; and of one that knew nothing.
void operations(std::string_view bytes) {
  const auto steps_of_build = cache_keys::operations_of(bytes, "provenance");
  if (!steps_of_build) return;
  cache_keys::KeyStore now;
  std::vector<buildlab::metrics::Step> steps;
  for (const auto& operation : *steps_of_build) {
    require(!operation.lines.empty() && !operation.operation.is_null());
    for (const auto& [number, input] : operation.inputs) require(number >= 0);
    buildlab::metrics::Step& step = steps.emplace_back();
    step.lines = operation.lines.front();
    step.outcome = buildlab::metrics::StepOutcome::ran;
    now.operations["sha256:" + std::to_string(steps.size())].preimage = operation.operation.dump();
  }
  cache_keys::KeyStore before;
  before.of_one_build = true;
  cache_keys::add_evidence(before, now, *steps_of_build, steps);
  cache_keys::add_evidence(now, now, *steps_of_build, steps);
}

// A key's preimage, and another one.
void preimage(std::string_view bytes) {
  const Halves halves(bytes);
  require(cache_keys::differing_members(halves.first, halves.first).empty());
  for (const std::string& member : cache_keys::differing_members(halves.first, halves.second))
    require(member.size() <= bytes.size() + 16);
  cache_keys::comparable(halves.second);
}

void is_whole(const buildlab::ThroughTarget& target) {
  require(!target.host.empty() && target.target.starts_with('/'));
  for (const char c : target.through()) require(static_cast<unsigned char>(c) > ' ');
  require(buildlab::parse_through_target(target.through()) == target);
  require(buildlab::uniform_url(target.url()) == target.url());
}

// The target of a request, and where the answer to it leads to.
void through(std::string_view bytes) {
  const Halves halves(bytes);
  const auto target = buildlab::parse_through_target(halves.first);
  if (!target) return;
  is_whole(*target);
  target->authorization();
  const auto next = buildlab::redirected(*target, halves.second);
  if (!next) return;
  is_whole(*next);
  // Credentials are for the server that they were given for.
  require(next->same_server(*target) || next->credentials.empty() ||
          halves.second.find('@') != std::string_view::npos);
}

void original_url(std::string_view text) {
  const std::string once = buildlab::original_url(text);
  const auto parsed = buildlab::parse_through_url(text);
  require(parsed ? once == parsed->url() : once == text);
}

void endpoint(std::string_view text) {
  const auto parsed = buildlab::parse_endpoint(text, "80");
  if (parsed) {
    require(!parsed->host.empty() && !parsed->port.empty() && parsed->port.size() <= 5);
    require(parsed->port.find_first_not_of("0123456789") == std::string::npos);
    buildlab::proxy_authorization(*parsed);
  }
  const Halves halves(text);
  buildlab::bypasses_proxy(halves.first, halves.second);
}

void redacted(std::string_view text) {
  const std::string once = buildlab::redact_url_credentials(text);
  require(buildlab::redact_url_credentials(once) == once);
}

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};
constexpr Target k_targets[] = {{"name_question", name_question},
                                {"name_answer", name_answer},
                                {"resolver", resolver},
                                {"keys", keys},
                                {"operations", operations},
                                {"preimage", preimage},
                                {"through", through},
                                {"original_url", original_url},
                                {"endpoint", endpoint},
                                {"redacted", redacted}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Target& target =
      buildlab::fuzz::target_for(std::span<const Target>(k_targets), size == 0 ? 0 : data[0]);
  if (size == 0) return 0;
  target.run(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
