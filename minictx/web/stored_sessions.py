"""Sessions whose data is in a store: the cookie has only a random id, by which it is found.

Whoever knows the id has the session. So it has 256 random bits, and it is always of our own
making: an id that somebody else put into the cookie is never taken over. At a login it is
to be changed, with ``session.regenerate()``: who knew it before knows nothing then.

A session ends ``app.permanent_session_lifetime`` after it was last saved. A permanent one is
saved by each request, if SESSION_REFRESH_EACH_REQUEST is true, and any other one by a request
that changes it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from minictx.web.json import TaggedJSONSerializer
from minictx.web.sessions import SecureCookieSession, SessionInterface

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask
    from minictx.web.wrappers import Request

__all__ = ["ServerSideSession", "ServerSideSessionInterface"]

_SID = re.compile(r"[A-Za-z0-9_-]{43}")  # what _new_sid returns

_serializer = TaggedJSONSerializer()


def _new_sid() -> str:
    return secrets.token_urlsafe(32)  # bytes: 256 bits


class ServerSideSession(SecureCookieSession):
    """A session that knows the id under which its data is kept; without one, it makes one."""

    def __init__(
        self, sid: str | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(initial)
        self.new = sid is None  # nothing is stored under its id yet
        self.sid = sid or _new_sid()
        self.old_sid: str | None = None  # the one that is stored, where it was changed

    def regenerate(self) -> None:
        """Change the id, and keep the data; what was stored under the old id is deleted."""
        if not self.new:
            self.old_sid = self.sid
        self.sid, self.new, self.modified = _new_sid(), True, True


class Store(Protocol):
    """A cachelib cache or a redis client, as far as they are alike."""

    def get(self, key: str, /) -> Any: ...
    def delete(self, key: str, /) -> Any: ...


class ServerSideSessionInterface(SessionInterface):
    """Keep the session in ``store``, a cachelib cache or a redis client.

    >>> from cachelib import SimpleCache
    >>> from minictx.web import MiniFlask, session
    >>> app = MiniFlask(__name__)
    >>> app.session_interface = ServerSideSessionInterface(SimpleCache())
    >>> @app.route("/login")
    ... def login():
    ...     session.regenerate()
    ...     session["user"] = "alice"
    ...     return "welcome"
    >>> len(app.test_client().get("/login").headers["Set-Cookie"].split(";")[0])
    51

    The cookie has a random id, and nothing to sign: no secret key is needed. The data is
    kept under ``prefix`` and the id, as JSON. Apps that share a store share their sessions,
    too, unless each has a prefix of its own.
    """

    def __init__(self, store: Store, prefix: str = "session:") -> None:
        if not all(hasattr(store, name) for name in ("get", "set", "delete")):
            raise TypeError(
                f"cannot keep sessions in {store!r}: pass a cachelib cache or redis.Redis"
            )
        self._store: Any = store
        self._prefix = prefix

    def open_session(self, app: MiniFlask, request: Request) -> ServerSideSession:
        """Return what is stored under the cookie's id; an id that is unknown gets a new one."""
        sid = request.cookies.get(self.get_cookie_name(app), "")
        # With any other text, a user could ask for keys that are no session's.
        text = self._store.get(self._prefix + sid) if _SID.fullmatch(sid) else None
        if text is None:
            return ServerSideSession()
        try:
            data = _serializer.loads(text)
            if not isinstance(data, dict):
                raise ValueError(f"a session is a dict, and no {type(data).__name__}")
            return ServerSideSession(sid, data)
        except Exception:  # whatever is wrong with it
            app.logger.warning("the stored session %s... cannot be read", sid[:8])
            return ServerSideSession()

    def store(self, app: MiniFlask, session: ServerSideSession) -> str | None:
        """Put the data into the store, and return its id.

        Return None, and store nothing, if another request has deleted the session: it may
        have been the logout, and a slower request must not undo that. In Redis, to look and
        to store is one step; with a cache, a logout between the two is undone.
        """
        if session.old_sid is not None and not self._end(session.old_sid):
            return None
        key, text = self._prefix + session.sid, _serializer.dumps(dict(session))
        # At least one second: to some stores, 0 means for ever.
        seconds = max(1, int(app.permanent_session_lifetime.total_seconds()))
        if hasattr(self._store, "expire"):  # only redis has it; xx: only if it is there
            is_kept = self._store.set(key, text, ex=seconds, xx=not session.new)
        else:
            is_kept = session.new or self._store.get(key) is not None
            if is_kept:
                self._store.set(key, text, timeout=seconds)
        if not is_kept:
            return None
        session.new, session.old_sid = False, None  # it may be saved again, by an error handler
        return session.sid

    def delete(self, app: MiniFlask, session: ServerSideSession) -> None:
        """Delete the data from the store."""
        self._end(session.old_sid or session.sid)

    def _end(self, sid: str) -> bool:
        """Delete what is stored under an id; tell whether it was there."""
        key = self._prefix + sid
        is_there = self._store.get(key) is not None  # some caches always say they deleted it
        return bool(self._store.delete(key)) and is_there
