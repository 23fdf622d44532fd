"""Writes the module of an order's fields: in the order of hashing, as a set comes."""

fields = {"id", "customer", "street", "city", "country", "total", "currency", "placed", "paid", "shipped"}
print('"""Generated: an order\'s fields."""\n')
print("FIELDS = (")
for name in fields:
    print(f'    "{name}",')
print(")")
