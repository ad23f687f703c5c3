"""Have MiniFlask stand on a student's files: ``python -m minictx.learn.carry DIR ...``.

What comes after DIR is given to pytest, which then runs MiniFlask's own tests.
"""

from __future__ import annotations

import sys

import minictx
import minictx.local
import minictx.manager
import minictx.proxy
import minictx.stack
from minictx.dropin.code import CodeError, load_code

__all__ = ["carry", "main"]

# These look into the storage of a LocalStack, which Flask does not need.
WITH_STORAGE = (
    "test_eight_threads_with_many_requests_each_see_their_own_values",
    "test_a_thread_that_dies_without_popping_leaves_nothing_on_the_stacks",
)
MODULES = (minictx, minictx.local, minictx.stack, minictx.proxy, minictx.manager)


def carry(folder: str) -> None:
    """Put the student's classes in the place of minictx's, wherever those are imported.

    Call it before anything imports `minictx.web`: each module keeps what it has imported.
    """
    assert "minictx.web.globals" not in sys.modules, "minictx.web is imported already"
    for name, value in load_code(folder).items():
        for module in MODULES:
            if hasattr(module, name):
                setattr(module, name, value)


def main() -> None:
    """Run pytest on the student's classes."""
    import pytest

    folder, *arguments = sys.argv[1:]
    try:
        carry(folder)
    except CodeError as error:
        raise SystemExit(f"minictx: {error}") from error
    if not hasattr(minictx.LocalStack, "__storage__"):
        arguments += ["-k", " and ".join(f"not {name}" for name in WITH_STORAGE)]
    raise SystemExit(pytest.main(arguments))


if __name__ == "__main__":
    main()
