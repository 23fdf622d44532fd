"""Orders, and what they are made of."""

NAME = "orders"
