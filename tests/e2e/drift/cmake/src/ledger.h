#pragma once

int balance(int debit, int credit);
