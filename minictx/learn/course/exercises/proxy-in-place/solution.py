"""LocalProxy: an object that stands for whatever is current at the moment of use."""

import operator
from contextvars import ContextVar
from functools import partial

NOTHING = object()


def _find(source, name):
    """Return what is current in the source, or NOTHING."""
    if hasattr(type(source), "top"):  # a LocalStack
        found = NOTHING if source.top is None else source.top
    elif hasattr(type(source), "__release_local__"):  # a Local
        return getattr(source, name, NOTHING)
    elif isinstance(source, ContextVar):
        found = source.get(NOTHING)
    else:
        found = source()
    return found if name is None or found is NOTHING else getattr(found, name)


def _forward(function, unbound=None):
    """Return a method that calls the function with the object instead of the proxy.

    If there is no object, it returns what unbound() returns.
    """

    def method(self, /, *args, **kwargs):
        try:
            obj = self._get_current_object()
        except RuntimeError:
            if unbound is None:
                raise
            return unbound()
        return function(obj, *args, **kwargs)

    return method


def _reflected(function):
    """Return a method for a proxy on the right, as in 1 + proxy."""

    def method(self, other):
        return function(other, self._get_current_object())

    return method


def _in_place(function):
    """Return a method that changes the object, and leaves the proxy where it is."""

    def method(self, other):
        function(self._get_current_object(), other)
        return self  # `proxy += 1` assigns what this returns

    return method


class LocalProxy:
    """A proxy for the current object.

    source is a Local (then a name is needed), a LocalStack, a ContextVar, or a function that
    returns the object. With a name, the proxy stands for that attribute of what was found.
    """

    def __init__(self, source, name=None, *, unbound_message="nothing is current here"):
        # self._find = ... would be forwarded
        object.__setattr__(self, "_find", partial(_find, source, name))
        object.__setattr__(self, "_unbound_message", unbound_message)

    def _get_current_object(self):
        """Return the object that the proxy now stands for."""
        found = self._find()
        if found is NOTHING:
            raise RuntimeError(self._unbound_message)
        return found

    def __getattr__(self, name):
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name, value):
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name):
        delattr(self._get_current_object(), name)

    __dir__ = _forward(dir, unbound=list)

    __str__ = _forward(str)
    __repr__ = _forward(repr, unbound=lambda: "<LocalProxy unbound>")
    __bool__ = _forward(bool, unbound=bool)
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

    @property
    def __class__(self):
        try:
            return self._get_current_object().__class__
        except RuntimeError:
            return type(self)

    __iadd__ = _in_place(operator.iadd)
    __isub__ = _in_place(operator.isub)
    __imul__ = _in_place(operator.imul)
    __itruediv__ = _in_place(operator.itruediv)
    __imod__ = _in_place(operator.imod)
    __ior__ = _in_place(operator.ior)
