#include <cstdio>

int main() {
  std::puts("ledger 1.0.0, built " __DATE__ " " __TIME__);
}
