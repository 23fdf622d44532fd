extern "C" int ledger_plugin(int value) {
  return value + 1;
}
