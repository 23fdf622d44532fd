#include "framework/causes/cause.h"

#include "framework/causes/observation.h"

namespace buildlab::causes {

std::string_view to_string(CauseClass kind) {
  switch (kind) {
    case CauseClass::time:
      return "TIME";
    case CauseClass::path:
      return "PATH";
    case CauseClass::rand:
      return "RAND";
    case CauseClass::order:
      return "ORDER";
    case CauseClass::fsmeta:
      return "FSMETA";
    case CauseClass::host:
      return "HOST";
    case CauseClass::perm:
      return "PERM";
    case CauseClass::xattr:
      return "XATTR";
    case CauseClass::vers:
      return "VERS";
    case CauseClass::comp:
      return "COMP";
    case CauseClass::tool:
      return "TOOL";
    case CauseClass::cache:
      return "CACHE";
    case CauseClass::derived:
      return "DERIVED";
    case CauseClass::link:
      return "LINK";
  }
  return "";
}

std::string_view to_string(Attribute attribute) {
  switch (attribute) {
    case Attribute::content:
      return "content";
    case Attribute::size:
      return "size";
    case Attribute::mode:
      return "mode";
    case Attribute::uid:
      return "uid";
    case Attribute::gid:
      return "gid";
    case Attribute::uname:
      return "uname";
    case Attribute::gname:
      return "gname";
    case Attribute::mtime:
      return "mtime";
    case Attribute::atime:
      return "atime";
    case Attribute::ctime:
      return "ctime";
    case Attribute::xattr:
      return "xattr";
    case Attribute::type:
      return "type";
    case Attribute::linktarget:
      return "linktarget";
    case Attribute::nlink:
      return "nlink";
    case Attribute::device:
      return "device";
    case Attribute::missing:
      return "missing";
    case Attribute::added:
      return "added";
    case Attribute::order:
      return "order";
    case Attribute::format:
      return "format";
    case Attribute::compression:
      return "compression";
    case Attribute::mediatype:
      return "mediatype";
    case Attribute::annotation:
      return "annotation";
    case Attribute::history:
      return "history";
    case Attribute::config:
      return "config";
  }
  return "";
}

}  // namespace buildlab::causes
