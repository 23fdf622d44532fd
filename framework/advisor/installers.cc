#include "framework/advisor/installers.h"

namespace buildlab::advisor {
namespace {

// Each tool's manifests as its own documentation of container builds names them. `go mod download`, `cargo
// fetch` and the like are listed by the command alone: what they read does not depend on its arguments.
const std::vector<Installer>& installers() {
  static const std::vector<Installer> k_installers{
      {"npm ci", {"package.json", "package-lock.json"}},
      {"npm install", {"package.json", "package-lock.json"}},
      {"npm i", {"package.json", "package-lock.json"}},
      {"pnpm install", {"package.json", "pnpm-lock.yaml"}},
      {"pnpm fetch", {"pnpm-lock.yaml"}},
      {"yarn install", {"package.json", "yarn.lock"}},
      {"yarn --frozen-lockfile", {"package.json", "yarn.lock"}},
      {"yarn --immutable", {"package.json", "yarn.lock"}},
      {"pip install -r", {"requirements.txt"}},
      {"pip3 install -r", {"requirements.txt"}},
      {"pipenv install", {"Pipfile", "Pipfile.lock"}},
      {"poetry install", {"pyproject.toml", "poetry.lock"}},
      {"uv sync", {"pyproject.toml", "uv.lock"}},
      {"bundle install", {"Gemfile", "Gemfile.lock"}},
      {"composer install", {"composer.json", "composer.lock"}},
      {"go mod download", {"go.mod", "go.sum"}},
      {"cargo fetch", {"Cargo.toml", "Cargo.lock"}},
      {"mvn dependency:go-offline", {"pom.xml"}},
      {"dotnet restore", {"*.csproj", "*.sln"}},
      {"mix deps.get", {"mix.exs", "mix.lock"}},
      {"apt-get install", {}},
      {"apt install", {}},
      {"apk add", {}},
      {"dnf install", {}},
      {"microdnf install", {}},
      {"yum install", {}},
      {"zypper install", {}},
  };
  return k_installers;
}

// Words as a shell would see them, without quotes' meaning: separators of commands end a word too.
std::vector<std::string_view> shell_words(std::string_view run) {
  constexpr std::string_view k_separators = " \t\n;&|()";
  std::vector<std::string_view> words;
  while (true) {
    const auto first = run.find_first_not_of(k_separators);
    if (first == std::string_view::npos) return words;
    run.remove_prefix(first);
    const auto end = run.find_first_of(k_separators);
    words.push_back(run.substr(0, end));
    if (end == std::string_view::npos) return words;
    run.remove_prefix(end);
  }
}

// The command's words in their order; other options may stand between them ("apt-get -y install").
bool calls(const std::vector<std::string_view>& run, const std::vector<std::string_view>& command) {
  for (std::size_t start = 0; start < run.size(); ++start) {
    if (run[start].substr(run[start].rfind('/') + 1) != command[0]) continue;
    std::size_t matched = 1;
    for (std::size_t at = start + 1; at < run.size() && matched < command.size(); ++at) {
      if (run[at] == command[matched]) {
        ++matched;
      } else if (run[at].front() != '-') {
        break;
      }
    }
    if (matched == command.size()) return true;
  }
  return false;
}

}  // namespace

const Installer* installer_in(std::string_view run) {
  const auto words = shell_words(run);
  for (const Installer& installer : installers()) {
    if (calls(words, shell_words(installer.command))) return &installer;
  }
  return nullptr;
}

}  // namespace buildlab::advisor
