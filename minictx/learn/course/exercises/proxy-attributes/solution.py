"""LocalProxy: an object that stands for whatever is current at the moment of use."""

from functools import partial


class LocalProxy:
    """A proxy for the current object.

    source is a function that returns the object; or, with a name, it is something that has
    the object as its attribute of this name, such as a Local.
    """

    def __init__(self, source, name=None):
        find = source if name is None else partial(getattr, source, name)
        object.__setattr__(self, "_find", find)  # self._find = ... would be forwarded

    def _get_current_object(self):
        """Return the object that the proxy now stands for."""
        return self._find()

    def __getattr__(self, name):
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name, value):
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name):
        delattr(self._get_current_object(), name)

    def __dir__(self):
        return dir(self._get_current_object())
