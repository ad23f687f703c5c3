"""Put minictx in the place of ``werkzeug.local``, so that real Flask runs on it.

    python -m minictx.dropin -m flask --app shop run

Flask up to 2.1 keeps its contexts in two LocalStacks, and every Flask uses LocalProxy for
``request``, ``session``, ``g`` and ``current_app``. All of these are then the classes that
you have read here: an error that goes through them shows minictx's files.

In a program of your own, before anything imports Flask:

    from minictx import dropin

    dropin.install()
"""

from minictx.dropin.code import CodeError
from minictx.dropin.replacement import AlreadyImportedError, Installation, install

__all__ = ["AlreadyImportedError", "CodeError", "Installation", "install"]
