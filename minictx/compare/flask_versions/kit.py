"""Kit: a framework, an app of it, and a log of what happens there.

The log has an entry for each hook, signal, session and teardown, with arguments, so that two
frameworks can be compared to the last detail. What a scenario itself sees is said aloud, and
becomes a part of its story, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minictx.compare.flask_versions.app import make_app

if TYPE_CHECKING:
    from minictx.trace import Trace

__all__ = ["Entry", "Kit"]

Entry = tuple[Any, ...]  # (event, details..., contexts)


class Kit:
    """Hold what a scenario needs: ``web`` is the module flask, of any version, or minictx.web.

    >>> import minictx.web
    >>> kit = Kit(minictx.web)
    >>> with kit.app.app_context():
    ...     kit.say("inside")
    >>> kit.log[1]
    ('inside', 'app g1 -')
    """

    def __init__(self, web: Any, trace: Trace | None = None) -> None:
        self.web, self.trace = web, trace
        self.app_class: Any = getattr(web, "MiniFlask", None) or web.Flask
        self.log: list[Entry] = []
        self.said: list[tuple[int, Entry]] = []  # [(number of events before it, entry), ...]
        self.receivers: list[Any] = []
        self._known_g: list[Any] = []  # holds each g, so that no id is used twice
        self.app = make_app(self, "app")

    def note(self, event: str, *details: Any) -> None:
        """Add an entry to the log."""
        self.log.append((event, *(plain(detail) for detail in details), self.contexts()))

    def say(self, event: str, *details: Any) -> None:
        """Add an entry to the log, and a line to the story."""
        self.note(event, *details)
        if self.trace is not None:
            self.said.append((len(self.trace.events), self.log[-1]))

    def expect_error(self, call: Callable[[], Any]) -> None:
        """Call, and say which error came out; of a group, each of its errors."""
        try:
            call()
        except BaseExceptionGroup as group:
            self.say("raised", "group", *group.exceptions)
        except BaseException as error:
            self.say("raised", type(error).__name__, str(error).partition(". ")[0])
        else:
            self.say("raised nothing")

    def contexts(self) -> str:
        """Name what is current: the app, its g (g1, g2, ...) and the path of the request."""
        web = self.web
        path = web.request.path if web.has_request_context() else "-"
        if not web.has_app_context():
            return "-" if path == "-" else f"- {path}"
        return f"{web.current_app.name} {self._name_of_g()} {path}"

    def _name_of_g(self) -> str:
        g = self.web.g._get_current_object()
        for number, known in enumerate(self._known_g, 1):
            if known is g:
                return f"g{number}"
        self._known_g.append(g)
        return f"g{len(self._known_g)}"


def plain(value: Any) -> Any:
    """Make something of ``value`` that is equal for all frameworks."""
    if isinstance(value, BaseException):
        if hasattr(value, "code") and hasattr(value, "get_response"):
            return f"{type(value).__name__} {value.code}"
        # MiniFlask's messages go on where Flask's first sentence ends.
        return f"{type(value).__name__}: {str(value).partition('. ')[0]}"
    if hasattr(value, "status_code"):
        return f"response {value.status_code}"
    if type(value).__name__ == "Template":
        return f"template {value.name}"
    if isinstance(value, dict):
        framework = {"request", "session", "g"}  # which of them a context has, varies
        return {key: plain(item) for key, item in value.items() if key not in framework}
    return value
