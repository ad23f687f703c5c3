"""Slices: spans of time that nest, as a viewer of Chrome's format requires."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Slice", "Slices"]


@dataclass(frozen=True)
class Slice:
    """Something that begins and ends; its end is known by its kind and its key."""

    kind: str
    name: str
    key: tuple[object, ...] = ()


@dataclass
class Slices:
    """Keep what is open in one context; return what to write: ("B" or "E", slice).

    >>> slices = Slices()
    >>> _ = slices.begin(Slice("view", "hello")), slices.begin(Slice("context", "app context"))

    What was begun inside, and outlasts what is around it, is cut in two:

    >>> [(phase, part.name) for phase, part in slices.end("view")]
    [('E', 'app context'), ('E', 'hello'), ('B', 'app context')]
    """

    open: list[Slice] = field(default_factory=list)  # the outermost first

    def begin(self, part: Slice) -> list[tuple[str, Slice]]:
        """Begin a slice inside of all that are open."""
        self.open.append(part)
        return [("B", part)]

    def end(self, kind: str, key: tuple[object, ...] = ()) -> list[tuple[str, Slice]]:
        """End the innermost slice of that kind and key; without one, do nothing."""
        for at in reversed(range(len(self.open))):
            if (self.open[at].kind, self.open[at].key) == (kind, key):
                inner = self.open[at + 1 :]
                ends = [("E", part) for part in reversed(self.open[at:])]
                del self.open[at]
                return ends + [("B", part) for part in inner]
        return []

    def end_all(self) -> list[tuple[str, Slice]]:
        """End whatever is open."""
        ends = [("E", part) for part in reversed(self.open)]
        self.open.clear()
        return ends
