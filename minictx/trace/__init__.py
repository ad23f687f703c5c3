"""Record what happens to locals, stacks, proxies and contexts, and draw it.

>>> from minictx import Local
>>> from minictx.trace import record
>>> local = Local()
>>> with record() as trace:
...     local.user = "alice"
>>> trace.events[1]["kind"], trace.events[1]["value"]
('set', "'alice'")
"""

from minictx.trace.recorder import record
from minictx.trace.trace import Trace

__all__ = ["Trace", "record"]
