"""How Flask's ``request``, ``session``, ``g`` and ``current_app`` work, in code to be read.

Read the files in this order:

1. ``ident.py``: who is running?
2. ``local.py``: a namespace for each greenlet or thread
3. ``stack.py``: a stack for each
4. ``proxy.py``: a global name that stands for what is current
5. ``web/globals.py``: the two stacks and the four names of Flask
6. ``web/ctx.py``: what is pushed on the two stacks, and when
7. ``web/app.py``: the life of a request
8. ``contextual.py``: 2 and 3 again, over contextvars
"""

from minictx.ident import get_ident
from minictx.local import Local, release_local
from minictx.manager import LocalManager
from minictx.proxy import LocalProxy
from minictx.stack import LocalStack

__all__ = ["Local", "LocalManager", "LocalProxy", "LocalStack", "get_ident", "release_local"]
__version__ = "0.1.0"
