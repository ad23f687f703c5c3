"""The session: a dict that survives from one request of a browser to the next.

It is opened when the request context is pushed, and saved before the response is sent.
`SecureCookieSessionInterface` keeps the data in a cookie: signed, so that the user can
read but not change it. `ServerSideSessionInterface` keeps it in a store, and only a random
id in the cookie.

A session knows that it was modified when one of its own keys is set or deleted. It
cannot see a change inside a value, as in ``session["cart"].append(1)``: set
``session.modified = True`` then, or nothing is saved.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from minictx.web.globals import request
from minictx.web.json import TaggedJSONSerializer

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask
    from minictx.web.wrappers import Request, Response

_serializer = TaggedJSONSerializer()


class SessionMixin(MutableMapping[str, Any]):
    """What every session has besides its keys and values."""

    new = False
    modified = True
    accessed = False  # set when the request context hands the session out

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser, by ``app.permanent_session_lifetime``."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    def regenerate(self) -> None:
        """Change the id at a login, and keep the data. A signed cookie has no id to change."""


class SecureCookieSession(CallbackDict[str, Any], SessionMixin):
    """A session that notices when one of its keys is set or deleted."""

    modified = False

    def __init__(self, initial: Mapping[str, Any] | None = None) -> None:
        def on_update(self: SecureCookieSession) -> None:
            self.modified = True

        super().__init__(initial, on_update)


class NullSession(SecureCookieSession):
    """The session of an app without a secret key: empty and read-only."""

    def _fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            f"The session was written to, in a request for the view {request.endpoint!r}, but"
            " the app has no secret key to sign the session cookie with. Set app.secret_key"
            " to a random string; this prints one:"
            ' python -c "import secrets; print(secrets.token_hex())"'
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = __ior__ = _fail
    del _fail


def _setting(name: str) -> Callable[[SessionInterface, MiniFlask], Any]:
    return lambda self, app: app.config[f"SESSION_COOKIE_{name}"]


class SessionInterface:
    """Open and save sessions; a subclass says where the data is kept."""

    null_session_class = NullSession
    pickle_based = False

    def make_null_session(self, app: MiniFlask) -> NullSession:
        """Return the session for a request where `open_session` returned None."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Tell whether ``obj`` is a session that must not be saved."""
        return isinstance(obj, self.null_session_class)

    def open_session(self, app: MiniFlask, request: Request) -> SessionMixin | None:
        """Return the session of this request, or None if sessions cannot work."""
        raise NotImplementedError

    def save_session(self, app: MiniFlask, session: SessionMixin, response: Response) -> None:
        """Store the session, and set, renew or delete the cookie on the response."""
        depends_on_it = session.accessed
        if not session and session.modified:
            self.delete(app, session)
            response.delete_cookie(**self._cookie_options(app))
            depends_on_it = True
        elif session and self.should_set_cookie(app, session):
            value = self.store(app, session)
            if value is not None:
                expires = self.get_expiration_time(app, session)
                response.set_cookie(value=value, expires=expires, **self._cookie_options(app))
            depends_on_it = True
        if depends_on_it:
            response.vary.add("Cookie")

    def should_set_cookie(self, app: MiniFlask, session: SessionMixin) -> bool:
        """Tell whether there is something new, or an expiry date to renew."""
        renew: bool = app.config["SESSION_REFRESH_EACH_REQUEST"]
        return session.modified or (session.permanent and renew)

    def store(self, app: MiniFlask, session: Any) -> str | None:
        """Keep the data, and return the cookie's value; None: no cookie is sent."""
        raise NotImplementedError

    def delete(self, app: MiniFlask, session: Any) -> None:
        """Throw away what `store` keeps outside of the cookie."""

    # The cookie: a subclass may answer otherwise than the configuration.

    get_cookie_name = _setting("NAME")
    get_cookie_domain = _setting("DOMAIN")
    get_cookie_httponly = _setting("HTTPONLY")
    get_cookie_secure = _setting("SECURE")
    get_cookie_samesite = _setting("SAMESITE")
    get_cookie_partitioned = _setting("PARTITIONED")

    def get_cookie_path(self, app: MiniFlask) -> str:
        return cast(str, app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"])

    def get_expiration_time(self, app: MiniFlask, session: SessionMixin) -> datetime | None:
        return datetime.now(UTC) + app.permanent_session_lifetime if session.permanent else None

    def _cookie_options(self, app: MiniFlask) -> dict[str, Any]:
        return {
            "key": self.get_cookie_name(app),
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "httponly": self.get_cookie_httponly(app),
            "secure": self.get_cookie_secure(app),
            "samesite": self.get_cookie_samesite(app),
            "partitioned": self.get_cookie_partitioned(app),
        }


class SecureCookieSessionInterface(SessionInterface):
    """Keep the session in a signed cookie.

    >>> from minictx.web import MiniFlask, session
    >>> app = MiniFlask(__name__)
    >>> app.secret_key = "for this example"
    >>> @app.route("/")
    ... def visits():
    ...     session["visits"] = session.get("visits", 0) + 1
    ...     return str(session["visits"])
    >>> browser = app.test_client()
    >>> browser.get("/").text, browser.get("/").text
    ('1', '2')

    A cookie that was changed, is too old, or was signed with another key is an empty session.
    To change the key, set ``SECRET_KEY`` to a new one, and ``SECRET_KEY_FALLBACKS`` to a list
    of those before: the new one signs, and the others are still accepted.

    The cookie is written as Flask's is, but Flask signs it with SHA-1. If apps of both
    share it, give both interfaces the same ``digest_method``.
    """

    salt = "cookie-session"  # other things that are signed with this key are no sessions
    key_derivation = "hmac"
    digest_method: Callable[..., Any] = staticmethod(hashlib.sha256)
    serializer = _serializer
    session_class = SecureCookieSession

    def get_signing_serializer(self, app: MiniFlask) -> URLSafeTimedSerializer | None:
        """Return what signs and checks cookies; None without a secret key.

        It is made once for each key, and all requests share it: do not change it.
        """
        if not app.secret_key:
            return None
        keys = (*_fallbacks(app), app.secret_key)
        options = (self.salt, self.serializer, self.key_derivation, self.digest_method)
        return _signing_serializer(keys, *options)

    def open_session(self, app: MiniFlask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds, if its signature is good."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return self.session_class()
        try:
            max_age = int(app.permanent_session_lifetime.total_seconds())
            data = signer.loads(cookie, max_age=max_age)
        except BadData:
            data = None
        return self.session_class(data if isinstance(data, dict) else None)

    def store(self, app: MiniFlask, session: SecureCookieSession) -> str:
        """Return the data, signed: all of it goes into the cookie."""
        signer = self.get_signing_serializer(app)
        assert signer is not None, "open_session would have returned None"
        text = signer.dumps(dict(session))
        return text if isinstance(text, str) else text.decode()


@lru_cache(maxsize=16)  # to make one takes as long as to sign
def _signing_serializer(
    keys: Any, salt: str, serializer: Any, key_derivation: str, digest_method: Any
) -> URLSafeTimedSerializer:
    # itsdangerous signs with the last key, and accepts what any of them signed. It
    # compares signatures with hmac.compare_digest: how long that takes says nothing.
    return URLSafeTimedSerializer(
        keys,
        salt=salt,
        serializer=serializer,
        signer_kwargs={"key_derivation": key_derivation, "digest_method": digest_method},
    )


def _fallbacks(app: MiniFlask) -> list[str | bytes]:
    keys = app.config["SECRET_KEY_FALLBACKS"] or ()
    # The characters of a str would be keys, and so would an empty one: all easy to guess.
    if not isinstance(keys, list | tuple) or not all(keys):
        raise ValueError("SECRET_KEY_FALLBACKS must be a list of non-empty keys")
    return list(keys)


_SID = re.compile(r"[A-Za-z0-9_-]{43}")  # what _new_sid returns


def _new_sid() -> str:
    return secrets.token_urlsafe(32)  # bytes: 256 bits


class ServerSideSession(SecureCookieSession):
    """A session that knows the id under which its data is kept; without one, it makes one.

    Anyone who knows the id has the session. So it has 256 random bits, an id that the store
    does not know is never taken over, and a login should change it: ``session.regenerate()``.
    """

    def __init__(
        self, sid: str | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(initial)
        self.new = sid is None  # nothing is stored under its id yet
        self.sid = sid or _new_sid()
        self.old_sid: str | None = None  # the stored one, if it was changed since

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
    too, unless each has a prefix of its own. A session ends
    ``app.permanent_session_lifetime`` after it was last saved: a permanent one is saved by
    each request, if SESSION_REFRESH_EACH_REQUEST is true, any other by what changes it.
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
        # With any other text, a user could ask for keys that do not belong to sessions.
        text = self._store.get(self._prefix + sid) if _SID.fullmatch(sid) else None
        if text is None:
            return ServerSideSession()
        try:
            data = _serializer.loads(text)
            if not isinstance(data, dict):
                raise ValueError(f"a session is a dict, not a {type(data).__name__}")
            return ServerSideSession(sid, data)
        except Exception:  # the store may hold anything
            app.logger.warning("the stored session %s... cannot be read", sid[:8])
            return ServerSideSession()

    def store(self, app: MiniFlask, session: ServerSideSession) -> str | None:
        """Put the data into the store, and return its id.

        Return None, and store nothing, if another request has deleted the session: it may
        have been the logout, and a slower request must not undo that. Redis
        checks and stores in one step; with a cache, a logout between the two is undone.
        """
        if session.old_sid is not None and not self._end(session.old_sid):
            return None
        key, text = self._prefix + session.sid, _serializer.dumps(dict(session))
        # At least one second: to some stores, 0 means forever.
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
        is_there = (
            self._store.get(key) is not None
        )  # some caches always claim to have deleted it
        return bool(self._store.delete(key)) and is_there
