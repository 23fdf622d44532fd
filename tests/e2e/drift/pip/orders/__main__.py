import orders

print(orders.NAME)
