"""A singleton is an object that there is only one of. Python has five ways to make one.

Look for how often __init__ runs, and for the language that is read after "de" was set.

Question: this __new__ always returns the same object. Why is its language lost all the same?
"""

import sys
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory


class Settings:
    only = None  # the only object of the class, once there is one

    def __init__(self):
        print("__init__", end=" ")
        self.language = "en"


@cache  # a decorator: it keeps what the first call returns, for all later ones
class Decorated(Settings):
    pass


class WithMethod(Settings):
    @classmethod
    def get(cls):
        if cls.only is None:
            cls.only = cls()
        return cls.only


class WithNew(Settings):
    def __new__(cls):
        if cls.only is None:
            cls.only = super().__new__(cls)
        return cls.only


class Singleton(type):
    def __call__(cls):  # runs for `WithMeta()`, before __new__ and __init__
        if cls.only is None:
            cls.only = super().__call__()
        return cls.only


class WithMeta(Settings, metaclass=Singleton):
    pass


def show(title, get):
    print(f"{title:<13}", end="")
    first = get()
    first.language = "de"
    second = get()
    print(f"-> the same: {first is second}, language: {second.language}")


with TemporaryDirectory() as folder:
    Path(folder, "shop_settings.py").write_text('print("runs", end=" ")\nlanguage = "en"\n')
    sys.path.append(folder)
    show("module", partial(import_module, "shop_settings"))  # does an import
show("decorator", Decorated)
show("class method", WithMethod.get)
show("__new__", WithNew)
show("metaclass", WithMeta)
show("WithMethod()", WithMethod)

# Answer: after __new__ has returned an object of its class, __init__ runs, also where that
# object is an old one: here it sets the language to "en" again. A class method can be passed
# by: WithMethod() makes one more. Take a module if you can: Python runs it at the first
# import, and finds it in sys.modules at the next.
#
# Chapter: The Python you need
# Topics: 7 (docs/topics.md)
#
# Output:
# module       runs -> the same: True, language: de
# decorator    __init__ -> the same: True, language: de
# class method __init__ -> the same: True, language: de
# __new__      __init__ __init__ -> the same: True, language: en
# metaclass    __init__ -> the same: True, language: de
# WithMethod() __init__ __init__ -> the same: False, language: en
