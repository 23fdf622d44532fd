#include <cstdio>

#include "ledger.h"

int main() {
  if (balance(3, 3) != 0) {
    std::fprintf(stderr, "%s:%d: the books do not balance\n", __FILE__, __LINE__);
    return 1;
  }
  return 0;
}
