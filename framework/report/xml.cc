#include "framework/report/xml.h"

#include "framework/report/characters.h"

namespace buildlab::report {
namespace {

enum class XmlPart { content, attribute };

std::string escaped_xml(std::string_view text, XmlPart part) {
  const std::string safe = printable(text);
  std::string result;
  result.reserve(safe.size());
  for (const char c : safe) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += part == XmlPart::attribute ? "&quot;" : "\"";
        break;
      case '\n':
        result += part == XmlPart::attribute ? "&#10;" : "\n";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string xml_text(std::string_view text) {
  return escaped_xml(text, XmlPart::content);
}
std::string xml_attribute(std::string_view text) {
  return escaped_xml(text, XmlPart::attribute);
}

}  // namespace buildlab::report
