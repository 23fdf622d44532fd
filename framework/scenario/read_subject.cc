#include <fmt/format.h>
#include <algorithm>

#include "framework/base/platform.h"
#include "framework/base/text.h"
#include "framework/scenario/keys.h"
#include "framework/scenario/readers.h"

namespace buildlab::scenario {
namespace {

namespace fs = std::filesystem;

// os/arch or os/arch/variant, as images name platforms.
bool is_platform(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 2 && parts.size() != 3) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    });
  });
}

std::optional<Secret> read_secret(Fields& fields) {
  fields.allow_only(secret_keys());
  const auto id = fields.text("id");
  if (!fields.has("id")) fields.missing("id", "the name that RUN --mount=type=secret,id=… uses");
  const auto file = fields.text("file");
  const auto variable = fields.text("env");
  if (fields.has("file") == fields.has("env")) {
    fields.problem(fields.has("env") ? "env" : "id", fields.has("env")
                                                         ? "and \"file\" stand side by side; keep one"
                                                         : "needs \"file\" or \"env\" beside it");
    return std::nullopt;
  }
  if (id && id->find_first_of(", =") != std::string::npos) {
    fields.problem("id", "may hold no comma, blank or \"=\"");
    return std::nullopt;
  }
  if (!id || (!file && !variable)) return std::nullopt;
  if (file) return Secret{*id, (fields.document().folder / *file).lexically_normal()};
  return Secret{*id, *variable};
}

void read_epoch(Fields& fields, Subject& subject) {
  const Json* epoch = fields.find("source_date_epoch");
  if (epoch == nullptr) return;
  if (epoch->is_boolean()) {
    if (epoch->get<bool>()) {
      fields.problem("source_date_epoch", "must be seconds since 1970, or false for none");
    } else {
      subject.set_source_date_epoch = false;
    }
    return;
  }
  // To the year 9999, the last that RFC 3339 can write.
  subject.source_date_epoch = fields.integer("source_date_epoch", {0, 253402300799.0});
}

// The folder with its trailing slash and dots taken away, so that equal places compare equal.
fs::path plain(const fs::path& path) {
  fs::path normal = path.lexically_normal();
  if (!normal.has_filename() && normal.has_relative_path()) normal = normal.parent_path();
  return normal;
}

}  // namespace

Subject read_subject(const std::string& name, Fields& fields) {
  fields.allow_only(subject_keys());
  Subject subject;
  subject.name = name;
  subject.where = fields.where();
  for (const auto& [key, value] : fields.json().items()) subject.where_field[key] = fields.where(key);

  if (!fields.has("context"))
    fields.missing("context", "the build context, relative to this file, for example \".\"");
  if (const auto context = fields.text("context"))
    subject.context = plain(fields.document().folder / *context);
  subject.dockerfile = "Dockerfile";
  if (const auto dockerfile = fields.inner_path("dockerfile", "the context"))
    subject.dockerfile = *dockerfile;
  subject.target = fields.text("target");
  subject.build_args = fields.text_map("build_args");
  subject.platform = host_platform();
  if (const auto platform = fields.text("platform")) {
    subject.platform = *platform;
    if (!is_platform(*platform))
      fields.problem("platform", fmt::format("must be like \"linux/amd64\" or \"linux/arm/v7\", found \"{}\"",
                                             one_line(*platform, 60)));
  }
  subject.local_base = fields.flag("local_base").value_or(false);
  subject.rewrite_timestamp = fields.flag("rewrite_timestamp").value_or(true);
  read_epoch(fields, subject);
  for (const Fields::Element& element : fields.list("secrets")) {
    auto secret = Fields::open(*element.value, element.pointer, fmt::format("subject \"{}\": secret", name),
                               fields.document());
    if (!secret) continue;
    auto read = read_secret(*secret);
    if (!read) continue;
    for (const Secret& other : subject.secrets) {
      if (other.id == read->id) secret->problem("id", fmt::format("\"{}\" is used twice", read->id));
    }
    subject.secrets.push_back(std::move(*read));
  }
  return subject;
}

}  // namespace buildlab::scenario
