#include "framework/engine/contained.h"

#include <iterator>

namespace buildlab::engine {

std::vector<std::string> contained(std::vector<std::string> argv) {
  std::vector<std::string> all{"unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "--"};
  all.insert(all.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return all;
}

}  // namespace buildlab::engine
