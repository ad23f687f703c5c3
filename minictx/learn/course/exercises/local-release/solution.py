"""Local: one name, with a different value in each greenlet."""

from greenlet import getcurrent


def get_ident():
    """Return the number of the running greenlet. A thread has one, too."""
    return id(getcurrent())


class Local:
    """An object whose attributes are separate for each greenlet."""

    def __init__(self):
        # self.__storage__ = {} would call __setattr__, which needs self.__storage__.
        object.__setattr__(self, "__storage__", {})  # {ident: {name: value}}

    def __getattr__(self, name):
        """Return the value that the running greenlet has under this name."""
        try:
            return self.__storage__[get_ident()][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        """Store a value under this name, for the running greenlet."""
        self.__storage__.setdefault(get_ident(), {})[name] = value

    def __delattr__(self, name):
        """Delete what the running greenlet has under this name."""
        try:
            del self.__storage__[get_ident()][name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self):
        """Iterate over the pairs (name, value) of the running greenlet."""
        return iter(list(self.__storage__.get(get_ident(), {}).items()))

    def __release_local__(self):
        """Forget all that the running greenlet has."""
        self.__storage__.pop(get_ident(), None)


def release_local(local):
    """Make a Local, or anything that can do so, forget all that the running greenlet has."""
    local.__release_local__()
