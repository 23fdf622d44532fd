#include "ledger.h"

int balance(int debit, int credit) {
  return debit - credit;
}
