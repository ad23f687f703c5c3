"""LocalProxy: an object that stands for whatever is current at the moment of use."""

import operator
from functools import partial


def _forward(function):
    """Return a method that calls the function with the object instead of the proxy."""

    def method(self, /, *args, **kwargs):
        return function(self._get_current_object(), *args, **kwargs)

    return method


def _reflected(function):
    """Return a method for a proxy on the right, as in 1 + proxy."""

    def method(self, other):
        return function(other, self._get_current_object())

    return method


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

    __str__ = _forward(str)
    __repr__ = _forward(repr)
    __bool__ = _forward(bool)
    __hash__ = _forward(hash)
    __int__ = _forward(int)
    __float__ = _forward(float)
    __format__ = _forward(format)

    __len__ = _forward(len)
    __iter__ = _forward(iter)
    __contains__ = _forward(operator.contains)
    __getitem__ = _forward(operator.getitem)
    __setitem__ = _forward(operator.setitem)
    __delitem__ = _forward(operator.delitem)

    __eq__ = _forward(operator.eq)
    __ne__ = _forward(operator.ne)
    __lt__ = _forward(operator.lt)
    __le__ = _forward(operator.le)
    __gt__ = _forward(operator.gt)
    __ge__ = _forward(operator.ge)

    __add__, __radd__ = _forward(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _forward(operator.sub), _reflected(operator.sub)
    __mul__, __rmul__ = _forward(operator.mul), _reflected(operator.mul)
    __truediv__, __rtruediv__ = _forward(operator.truediv), _reflected(operator.truediv)
    __mod__, __rmod__ = _forward(operator.mod), _reflected(operator.mod)
    __or__, __ror__ = _forward(operator.or_), _reflected(operator.or_)

    def __call__(self, /, *args, **kwargs):
        return self._get_current_object()(*args, **kwargs)

    def __enter__(self):
        return self._get_current_object().__enter__()

    def __exit__(self, *error):
        return self._get_current_object().__exit__(*error)
