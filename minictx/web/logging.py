"""The app's logger."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO, cast

from minictx.proxy import LocalProxy
from minictx.web.globals import request

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask

__all__ = ["create_logger"]


def _error_stream() -> TextIO:
    # During a request, the server knows best where its errors go.
    stream: TextIO = request.environ["wsgi.errors"] if request else sys.stderr
    return stream


# One handler for all apps and requests: what it writes to is found anew for each record.
_handler = logging.StreamHandler(cast(TextIO, LocalProxy(_error_stream)))
_handler.setFormatter(
    logging.Formatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
)


def create_logger(app: MiniFlask) -> logging.Logger:
    """Return the logger named after the app; give it a handler if nobody else did."""
    logger = logging.getLogger(app.name)
    if app.debug and not logger.level:
        logger.setLevel(logging.DEBUG)
    if not logger.hasHandlers():
        logger.addHandler(_handler)
    return logger
