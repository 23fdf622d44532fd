// Two images made entry by entry, and how they differ.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "framework/drift/compare.h"
#include "framework/drift/order.h"
#include "tests/support/image_writer.h"

namespace buildlab::drift {

using synthetic::Entry;
using synthetic::ImageSpec;

class TwoImages : public ::testing::Test {
 protected:
  TwoImages() : m_dir(TempDir::create(std::filesystem::temp_directory_path(), "buildlab-drift-").value()) {}

  Result<Comparison> compare(const ImageSpec& a, const ImageSpec& b, const Options& options = {}) {
    const auto folder = m_dir.path() / fmt::format("{}", ++m_count);
    synthetic::write_image(folder / "a", a);
    synthetic::write_image(folder / "b", b);
    BUILDLAB_ASSIGN(const image::ImageFile file_a, image::ImageFile::open(folder / "a", std::nullopt));
    BUILDLAB_ASSIGN(const image::ImageFile file_b, image::ImageFile::open(folder / "b", std::nullopt));
    return drift::compare(file_a, file_b, options);
  }

  Result<Comparison> compare(const std::vector<Entry>& a, const std::vector<Entry>& b) {
    return compare(ImageSpec{{synthetic::tar_of(a)}}, ImageSpec{{synthetic::tar_of(b)}});
  }

  // "representation: 1 etc/a mtime 1000 -> 2000; …", the layer 0 for none.
  static std::string text(const Result<Comparison>& comparison) {
    if (!comparison) return "error: " + comparison.error().message;
    std::string text(to_string(comparison->verdict));
    for (const Difference& difference : comparison->differences) {
      text += fmt::format("; {} {} {}{}{}", difference.layer, difference.path.empty() ? "-" : difference.path,
                          attribute_name(difference), difference.key.empty() ? "" : " ", difference.key);
      if (difference.attribute != Attribute::content && difference.attribute != Attribute::compression) {
        text += fmt::format(" {} -> {}", difference.a, difference.b);
      }
    }
    return text;
  }

  static std::vector<Entry> tree() {
    Entry capable{"etc/capable", "q"};
    capable.pax = {{"SCHILY.xattr.security.capability", "abc"}};
    Entry device{"etc/null", "", '3'};
    device.device_major = 1;
    device.device_minor = 3;
    return {{"etc/", "", '5', "", 0755},       {"etc/a", "hello"},
            {"etc/b", std::string(5000, 'w')}, capable,
            {"etc/l", "", '2', "a"},           device,
            {"usr/", "", '5', "", 0755},       {"usr/h", "link"},
            {"usr/i", "", '1', "usr/h"}};
  }

  // The tree with one entry changed.
  template <typename Change>
  static std::vector<Entry> with(const std::string& path, const Change& change) {
    std::vector<Entry> all = tree();
    for (Entry& entry : all) {
      if (entry.path == path) change(entry);
    }
    return all;
  }

  TempDir m_dir;
  int m_count = 0;
};

}  // namespace buildlab::drift
