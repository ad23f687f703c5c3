"""super() calls the next class in line, and that line is made for the class of the object.

Look for the classes whose __init__ runs, and, right of the arrow, for what is on the order
afterwards.

Question: Party has two bases, and each of them puts something on the order. Where does the
cake go when every class calls its base by name?
"""


class Order:
    def __init__(self):
        print("Order", end=" ")
        self.items = []  # whatever was ordered before is gone


class NamedCake(Order):
    def __init__(self):
        Order.__init__(self)  # a function of the class, called by name
        print("Cake", end=" ")
        self.items.append("cake")


class NamedTea(Order):
    def __init__(self):
        Order.__init__(self)
        print("Tea", end=" ")
        self.items.append("tea")


class NamedParty(NamedCake, NamedTea):
    def __init__(self):
        NamedCake.__init__(self)
        NamedTea.__init__(self)


class HalfParty(NamedCake, NamedTea):
    """Inherit __init__ from NamedCake, the first base that has one."""


class Cake(Order):
    def __init__(self):
        super().__init__()  # the class next in line after Cake
        print("Cake", end=" ")
        self.items.append("cake")


class Tea(Order):
    def __init__(self):
        super().__init__()
        print("Tea", end=" ")
        self.items.append("tea")


class Party(Cake, Tea):
    """Inherit __init__ from Cake."""


for title, order_class in (
    ("each calls its base by name:", NamedParty),
    ("only the first base is called:", HalfParty),
    ("each calls super():", Party),
):
    print(f"{title:<31}", end="")
    order = order_class()  # prints the name of each class whose __init__ runs
    print("->", *order.items)

print("\nthe line of each class, its method resolution order:")
for order_class in (Cake, Party):
    line = [each.__name__ for each in order_class.__mro__]
    print(f"    {order_class.__name__:<5}", " > ".join(line))

# Answer: Tea calls Order.__init__ a second time, which throws away what has the cake in it.
# HalfParty and Party are written alike, but NamedCake goes on to Order, and never to tea.
# super() goes on to the next in line, so each runs once: after Cake comes Order in a Cake,
# and Tea in a Party, though Cake knows nothing of Tea.
#
# Chapter: The Python you need
# Topics: 6 (docs/topics.md)
#
# Output:
# each calls its base by name:   Order Cake Order Tea -> tea
# only the first base is called: Order Cake -> cake
# each calls super():            Order Tea Cake -> tea cake
#
# the line of each class, its method resolution order:
#     Cake  Cake > Order > object
#     Party Party > Cake > Tea > Order > object
