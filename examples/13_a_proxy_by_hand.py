"""A proxy keeps no object, only the function that finds it, and asks it at every use.

Look for what the plain name, the proxy and LocalProxy say before and after the second page
is pushed, and for what the proxy by hand can't do.

Question: a module says `page = find("page")` once, when it is imported. Why can no later
request be found under that name, and what must be kept there instead?
"""

from functools import partial

from minictx import LocalProxy, LocalStack

contexts = LocalStack()


class Context:
    """What is pushed for each request."""

    def __init__(self, path, **session):
        self.page = Page(path)
        self.session = session


class Page:
    def __init__(self, path):
        self.path = path


def find(name):
    """Return an attribute of the context that is on top now."""
    return getattr(contexts.top, name)


class Proxy:
    """Pass every question on to the object that `find` returns at that moment."""

    def __init__(self, find):
        object.__setattr__(self, "_find", find)  # `self._find = find` would be passed on

    def __getattr__(self, name):
        return getattr(self._find(), name)

    def __setattr__(self, name, value):
        setattr(self._find(), name, value)

    def __repr__(self):
        return repr(self._find())


contexts.push(Context("/one", user="alice"))

page = find("page")  # the object that is there today
page_proxy = Proxy(partial(find, "page"))  # a call of find("page"), to be made later
session = Proxy(partial(find, "session"))

print("page:", page.path, "  proxy:", page_proxy.path, "  session:", session)
contexts.push(Context("/two", user="bob"))
print("page:", page.path, "  proxy:", page_proxy.path, "  session:", session)

print("\nsession.get('user'):", session.get("user"))
try:
    print(session["user"])
except TypeError as error:
    print("session['user']:    ", error)

session = LocalProxy(partial(find, "session"))
print("with LocalProxy:    ", session["user"], len(session), "user" in session)

# Answer: the name is bound once, to one object. partial(find, "page") is a function without
# arguments that can be called at each use. For x[y], len(x) or x + y Python looks for a
# method in the class, and never calls __getattr__: LocalProxy has a table of all of them.
#
# Chapter: Proxy
# Topics: 5 (docs/topics.md)
# Learners ask: 7 (docs/topics.md)
#
# Output:
# page: /one   proxy: /one   session: {'user': 'alice'}
# page: /one   proxy: /two   session: {'user': 'bob'}
#
# session.get('user'): bob
# session['user']:     'Proxy' object is not subscriptable
# with LocalProxy:     bob 1 True
