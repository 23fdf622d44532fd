#include "framework/drift/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "framework/base/redact.h"
#include "framework/base/text.h"
#include "framework/drift/instructions.h"

namespace buildlab::drift {
namespace {

using Digests = std::set<std::string>;
using ByUrl = std::map<std::string, Digests>;
// Ecosystem, name and whether it is an index; of a URL that is of no package the URL as the name.
using Key = std::tuple<int, std::string, bool>;

ByUrl urls_of(const metrics::Provenance& provenance) {
  ByUrl urls;
  for (const metrics::Material& material : provenance.materials) urls[material.uri].insert(material.digest);
  return urls;
}

Digests all_digests(const ByUrl& urls) {
  Digests all;
  for (const auto& [url, digests] : urls) all.insert(digests.begin(), digests.end());
  return all;
}

// What of `urls` the other build was not given: a URL with content that it did not give there.
std::vector<Given> moved_of(const ByUrl& urls, const ByUrl& other, const Digests& known_to_other) {
  std::vector<Given> moved;
  for (const auto& [url, digests] : urls) {
    const auto same_url = other.find(url);
    for (const std::string& digest : digests) {
      const bool given = same_url != other.end() ? same_url->second.contains(digest)
                                                 : !digest.empty() && known_to_other.contains(digest);
      if (!given) moved.push_back({url, digest});
    }
  }
  return moved;
}

// "1.3.0, 1.4.0" of all URLs of one side.
std::string versions_of(const std::vector<Given>& fetched) {
  std::set<std::string> versions;
  for (const Given& one : fetched) {
    if (const auto package = package_of_url(one.url)) versions.insert(package->version);
  }
  return fmt::format("{}", fmt::join(versions, ", "));
}

std::string what_moved(const MovedInput& input, const std::string& url) {
  if (!input.package) return url;
  const std::string name = one_line(input.package->name, 120);
  if (input.package->index) return fmt::format("index of {}", name);
  const std::string a = one_line(input.version_a, 80);
  const std::string b = one_line(input.version_b, 80);
  if (a == b) return fmt::format("{} {}, other content under the same version", name, a);
  if (a.empty()) return fmt::format("{} {}, read by B only", name, b);
  if (b.empty()) return fmt::format("{} {}, read by A only", name, a);
  return fmt::format("{} {} → {}", name, a, b);
}

std::string fix_of(const MovedInput& input) {
  const std::string digest = !input.a.empty() ? input.a.front().digest : input.b.front().digest;
  if (input.package) {
    Package pinned = *input.package;
    pinned.version = input.version_a.empty() ? input.version_b : input.version_a;
    pinned.version = pinned.version.substr(0, pinned.version.find(", "));
    return one_line(pin_words(pinned, digest), 240);
  }
  const std::string& url = !input.a.empty() ? input.a.front().url : input.b.front().url;
  if (digest.empty()) return fmt::format("name a fixed version of {}", one_line(url, 160));
  return fmt::format("ADD --checksum={} {}, or check it after the download (sha256sum -c)", digest,
                     one_line(url, 160));
}

// Packages first: of a moved version follows the moved index, not the other way round.
int rank(const MovedInput& input) {
  if (!input.package) return 1;
  return input.package->index ? 2 : 0;
}

// URLs leave this room without what opens doors.
void redact(std::vector<Given>& fetched) {
  for (Given& one : fetched) one.url = one_line(redact_url_credentials(one.url), 2000);
}

}  // namespace

std::vector<MovedInput> moved_inputs(const Inputs& a, const Inputs& b,
                                     const std::optional<std::string>& dockerfile) {
  const ByUrl in_a = urls_of(a.provenance);
  const ByUrl in_b = urls_of(b.provenance);
  std::map<Key, MovedInput> moved;
  const auto entry = [&moved](const std::string& url) -> MovedInput& {
    auto package = package_of_url(url);
    const Key key = package ? Key{static_cast<int>(package->ecosystem), package->name, package->index}
                            : Key{-1, url, false};
    MovedInput& input = moved[key];
    if (!input.package) input.package = std::move(package);
    return input;
  };
  for (Given& one : moved_of(in_a, in_b, all_digests(in_b))) entry(one.url).a.push_back(std::move(one));
  for (Given& one : moved_of(in_b, in_a, all_digests(in_a))) entry(one.url).b.push_back(std::move(one));

  const Instructions of_a(a.provenance, dockerfile);
  const Instructions of_b(b.provenance, dockerfile);
  std::vector<MovedInput> inputs;
  for (auto& [key, input] : moved) {
    for (const auto& [side, instructions, fetched] :
         {std::tuple(&a, &of_a, &input.a), std::tuple(&b, &of_b, &input.b)}) {
      for (const Given& one : *fetched) {
        const auto readers = side->readers.find(redact_url_credentials(one.url));
        if (readers == side->readers.end()) continue;
        for (const dockerfile::LineRange& lines : readers->second) {
          StepRef step = instructions->at(lines);
          if (std::find(input.steps.begin(), input.steps.end(), step) == input.steps.end())
            input.steps.push_back(std::move(step));
        }
      }
    }
    std::sort(input.steps.begin(), input.steps.end(),
              [](const StepRef& x, const StepRef& y) { return x.lines < y.lines; });
    const bool versioned = input.package && !input.package->index;
    if (versioned) {
      input.version_a = versions_of(input.a);
      input.version_b = versions_of(input.b);
    }
    redact(input.a);
    redact(input.b);
    input.what = what_moved(input, (input.a.empty() ? input.b : input.a).front().url);
    input.fix = fix_of(input);
    inputs.push_back(std::move(input));
  }
  std::stable_sort(inputs.begin(), inputs.end(),
                   [](const MovedInput& x, const MovedInput& y) { return rank(x) < rank(y); });
  return inputs;
}

std::string headline(const MovedInput& input) {
  std::string text = "VERS: " + input.what;
  if (input.package) text += fmt::format(" ({})", to_string(input.package->ecosystem));
  if (!input.package && (input.a.empty() || input.b.empty()))
    text += input.b.empty() ? ", read by A only" : ", read by B only";
  std::string by;
  for (const StepRef& step : input.steps) {
    by += fmt::format("{}{}:{}{}", by.empty() ? ", read by " : " and ", step.file, step.lines.first,
                      step.text.empty() ? "" : " " + one_line(step.text, 60));
  }
  return text + by;
}

std::vector<std::string> url_lines(const MovedInput& input) {
  std::vector<std::string> lines;
  for (const auto& [name, fetched] : {std::pair("A", &input.a), std::pair("B", &input.b)}) {
    for (const Given& one : *fetched)
      lines.push_back(
          fmt::format("{} {} {}", name, one.url, one.digest.empty() ? "(no digest)" : one.digest));
  }
  return lines;
}

}  // namespace buildlab::drift
