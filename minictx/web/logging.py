"""The app's logger."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO, cast

from minictx.proxy import LocalProxy
from minictx.web.globals import request

if TYPE_CHECKING:
    from minictx.web.scaffold import Scaffold

if TYPE_CHECKING:
    pass


def _error_stream() -> TextIO:
    # During a request, the server says where errors go.
    stream: TextIO = request.environ["wsgi.errors"] if request else sys.stderr
    return stream


# One handler for all apps and requests: its stream is looked up for each record.
wsgi_errors_stream = cast(TextIO, LocalProxy(_error_stream))
default_handler = logging.StreamHandler(wsgi_errors_stream)
default_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


def has_level_handler(logger: logging.Logger) -> bool:
    """Tell whether there is a handler for all that the logger does not drop itself."""
    level, current = logger.getEffectiveLevel(), cast(logging.Logger | None, logger)
    while current is not None:
        if any(handler.level <= level for handler in current.handlers):
            return True
        current = current.parent if current.propagate else None
    return False


def create_logger(app: Scaffold) -> logging.Logger:
    """Return the logger named after the app; give it a handler if it needs one."""
    logger = logging.getLogger(app.name)
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    return logger
