"""The session: a dict that lasts from one request of a browser to the next.

It is opened when the request context is pushed, and saved before the response is sent.
`SecureCookieSessionInterface` keeps the data in a cookie: signed, so that the user can
read but not change it. To keep the data in a store, and only a random id in the cookie, is
what `minictx/web/stored_sessions.py` does.

A session knows that it was modified when one of its own keys is set or deleted. A change
inside of a value, ``session["cart"].append(1)``, it cannot see: say
``session.modified = True`` then, or nothing is saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, cast

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from minictx.web.globals import request
from minictx.web.json import TaggedJSONSerializer

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask
    from minictx.web.wrappers import Request, Response

__all__ = [
    "NullSession",
    "SecureCookieSession",
    "SecureCookieSessionInterface",
    "SessionInterface",
    "SessionMixin",
]

_serializer = TaggedJSONSerializer()


class SessionMixin(MutableMapping[str, Any]):
    """What every session has beside its keys and values."""

    new = False
    modified = True
    accessed = False  # set when the request context hands the session out

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser, for ``app.permanent_session_lifetime``."""
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
    """The session where there is no secret key: empty, and it refuses to be written to."""

    def _fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            f"The session was written to, in a request for the view {request.endpoint!r}, but"
            " the app has no secret key to sign the session cookie with. Set app.secret_key"
            " to a random string; this prints one:"
            ' python -c "import secrets; print(secrets.token_hex())"'
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = __ior__ = _fail
    del _fail


class SessionInterface:
    """Open and save sessions; a subclass says where the data is."""

    null_session_class = NullSession
    pickle_based = False

    def make_null_session(self, app: MiniFlask) -> NullSession:
        """Return the session for a request where `open_session` returned None."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Tell whether ``obj`` is a session that must not be saved."""
        return isinstance(obj, self.null_session_class)

    def open_session(self, app: MiniFlask, request: Request) -> SessionMixin | None:
        """Return the session of this request, or None where sessions cannot work."""
        raise NotImplementedError

    def save_session(self, app: MiniFlask, session: SessionMixin, response: Response) -> None:
        """Store the session, and set, renew or delete the cookie on the response."""
        if session.accessed:
            response.vary.add("Cookie")
        if not session and session.modified:
            self.delete(app, session)
            response.delete_cookie(**self._cookie_options(app))
            response.vary.add("Cookie")
        elif session and self.should_set_cookie(app, session):
            value = self.store(app, session)
            if value is not None:
                expires = self.get_expiration_time(app, session)
                response.set_cookie(value=value, expires=expires, **self._cookie_options(app))
            response.vary.add("Cookie")

    def should_set_cookie(self, app: MiniFlask, session: SessionMixin) -> bool:
        """Tell whether there is something new, or an expiry date to renew."""
        renew: bool = app.config["SESSION_REFRESH_EACH_REQUEST"]
        return session.modified or (session.permanent and renew)

    def store(self, app: MiniFlask, session: Any) -> str | None:
        """Keep the data, and return what the cookie shall hold; None: no cookie is sent."""
        raise NotImplementedError

    def delete(self, app: MiniFlask, session: Any) -> None:
        """Throw away what `store` keeps outside of the cookie."""

    # The cookie: a subclass may answer otherwise than the configuration.

    def get_cookie_name(self, app: MiniFlask) -> str:
        return cast(str, app.config["SESSION_COOKIE_NAME"])

    def get_cookie_domain(self, app: MiniFlask) -> str | None:
        return cast(str | None, app.config["SESSION_COOKIE_DOMAIN"])

    def get_cookie_path(self, app: MiniFlask) -> str:
        return cast(str, app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"])

    def get_cookie_httponly(self, app: MiniFlask) -> bool:
        return cast(bool, app.config["SESSION_COOKIE_HTTPONLY"])

    def get_cookie_secure(self, app: MiniFlask) -> bool:
        return cast(bool, app.config["SESSION_COOKIE_SECURE"])

    def get_cookie_samesite(self, app: MiniFlask) -> str | None:
        return cast(str | None, app.config["SESSION_COOKIE_SAMESITE"])

    def get_cookie_partitioned(self, app: MiniFlask) -> bool:
        return cast(bool, app.config["SESSION_COOKIE_PARTITIONED"])

    def get_expiration_time(self, app: MiniFlask, session: SessionMixin) -> datetime | None:
        return datetime.now(UTC) + app.permanent_session_lifetime if session.permanent else None

    def _cookie_options(self, app: MiniFlask) -> dict[str, Any]:
        names = ("domain", "path", "httponly", "secure", "samesite", "partitioned")
        options = {name: getattr(self, f"get_cookie_{name}")(app) for name in names}
        return {"key": self.get_cookie_name(app), **options}


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

    The cookie is written as Flask's is, but Flask signs it with SHA-1. Where apps of both
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
    # The letters of a text would be keys, and so would an empty text: all easy to guess.
    if not isinstance(keys, list | tuple) or not all(keys):
        raise ValueError("SECRET_KEY_FALLBACKS is a list of keys, and none of them is empty")
    return list(keys)
