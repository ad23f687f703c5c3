"""None on top of a stack means that nothing is there: push an object that means nobody.

Look for what the proxy `user` says of a stack that does have an item.

Question: a visitor who is not logged in is pushed as None. Why does `user` say that the
stack is empty, and what can be pushed instead?
"""

from minictx import LocalStack

users = LocalStack()
user = users()  # a proxy of the item on top


class User:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<user {self.name}>"


class Visitor(User):
    """Stand for whoever is not logged in; `if user:` is then false."""

    def __bool__(self):
        return False


class Login:
    """Hold a user, or None: the item itself is never None."""

    def __init__(self, user):
        self.user = user


def show(item):
    users.push(item)
    print("    the stack:  ", list(users))
    print("    the proxy:  ", repr(user), "true" if user else "false")
    try:
        print("    user.name:  ", user.name)
    except RuntimeError as error:
        print("    user.name:  ", str(error).partition(":")[0])
    users.pop()


print("a user who is logged in")
show(User("alice"))
print("None")
show(None)
print("an object that stands for nobody")
show(Visitor("not logged in"))

print("an item that holds None")
logins = LocalStack()
logins.push(Login(None))
login_user = logins("user")  # a proxy of the attribute `user` of the item on top
print("    the proxy:  ", repr(login_user), "true" if login_user else "false")
print("    is it None: ", login_user is None)

# Answer: `top` is None where nothing is, so a None that was pushed looks like an empty
# stack. Push an object that is false, or one that holds None. And don't ask whether a proxy
# `is None`: it is a proxy, so the answer is always no. `if not user:` is passed on.
#
# Chapter: Pitfalls
#
# Output:
# a user who is logged in
#     the stack:   [<user alice>]
#     the proxy:   <user alice> true
#     user.name:   alice
# None
#     the stack:   [None]
#     the proxy:   <LocalProxy unbound> false
#     user.name:   the stack of this greenlet or thread is empty
# an object that stands for nobody
#     the stack:   [<user not logged in>]
#     the proxy:   <user not logged in> false
#     user.name:   not logged in
# an item that holds None
#     the proxy:   None false
#     is it None:  False
