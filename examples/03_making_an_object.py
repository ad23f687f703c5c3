"""Calling a class runs __call__ of its metaclass, which runs __new__, and then __init__.

Look for the lines that each call prints, and for the one call that runs no __init__.

Question: `User("")` gives an object of another class. Who decides that, and why is
User.__init__ not called then?
"""


class Meta(type):
    """A metaclass: the class of a class. `User("alice")` calls its __call__."""

    def __call__(cls, *args):
        print("    Meta.__call__")
        return super().__call__(*args)  # type's own: it calls __new__, and then __init__


class Nobody:
    name = "nobody"


class User(metaclass=Meta):
    def __new__(cls, name):
        """Return the object; usually a new and empty one."""
        print("    User.__new__")
        if not name:
            return Nobody()
        return super().__new__(cls)

    def __init__(self, name):
        """Fill the object that __new__ has returned."""
        print("    User.__init__")
        self.name = name


def greet(self):
    return f"hello {self.name}"


print('alice = User("alice")')
alice = User("alice")
print("    alice:", type(alice).__name__, alice.name)

print('visitor = User("")')
visitor = User("")
print("    visitor:", type(visitor).__name__, visitor.name)

print('Guest = type("Guest", (User,), {"greet": greet})')
Guest = type("Guest", (User,), {"greet": greet})  # what a `class` statement does
print("    Guest:", type(Guest).__name__, [each.__name__ for each in Guest.__mro__])

print('bob = Guest("bob")')
bob = Guest("bob")
print("    bob:", type(bob).__name__, bob.name)

print("greet, Guest.greet, bob.greet")
print("    are:", *[type(each).__name__ for each in (greet, Guest.greet, bob.greet)])
print("    bob.greet keeps:", bob.greet.__func__.__name__, "and", bob.greet.__self__.name)
print("    bob.greet() says:", bob.greet())

# Answer: __new__ decides: what it returns is what the caller gets. type.__call__ runs
# __init__ only if that is an object of the class that was called. And a method is only a
# function that was looked up on an object: it keeps the object, to pass it as `self`, much
# as a partial keeps an argument.
#
# Chapter: The Python you need
# Topics: 6 (docs/topics.md)
#
# Output:
# alice = User("alice")
#     Meta.__call__
#     User.__new__
#     User.__init__
#     alice: User alice
# visitor = User("")
#     Meta.__call__
#     User.__new__
#     visitor: Nobody nobody
# Guest = type("Guest", (User,), {"greet": greet})
#     Guest: Meta ['Guest', 'User', 'object']
# bob = Guest("bob")
#     Meta.__call__
#     User.__new__
#     User.__init__
#     bob: Guest bob
# greet, Guest.greet, bob.greet
#     are: function function method
#     bob.greet keeps: greet and bob
#     bob.greet() says: hello bob
