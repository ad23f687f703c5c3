"""LocalProxy: an object that stands for whatever is current at the moment of use."""

from functools import partial


class LocalProxy:
    """A proxy for the current object.

    source is a function that returns the object; or, with a name, it is something that has
    the object as its attribute of this name, such as a Local.
    """

    def __init__(self, source, name=None):
        self._find = source if name is None else partial(getattr, source, name)

    def _get_current_object(self):
        """Return the object that the proxy now stands for."""
        return self._find()
