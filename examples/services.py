"""What several examples need: packages, a database, Redis; and a plain word if one is missing.

SQLite and a temporary file are enough to begin with. To use a real server, say where it is:

    MINICTX_DATABASE_URL=mysql+pymysql://USER:PASSWORD@HOST:3306/DATABASE
    MINICTX_REDIS_URL=redis://127.0.0.1:6379/0
"""

import atexit
import importlib.util
import os
import re
import sys
import tempfile
from contextlib import closing
from functools import cache

__all__ = ["connect", "database_url", "engine", "execute", "need", "redis_client", "stop"]

PACKAGES = {
    "MySQLdb": "mysqlclient",
    "dbutils": "DBUtils",
    "pymysql": "PyMySQL",
    "sqlalchemy": "SQLAlchemy",
}

PATIENCE = 10  # seconds that a server may be silent

# [user[:password]@]host[:port], where no part has a character that could begin another one.
URL = re.compile(
    r"[\w+]+://([^@:/?#]*(:[^@:/?#]*)?@)?([^@:/?#\[\]]*|\[[^@]*\])(:\d+)?([/?][^@]*)?"
)


def stop(reason):
    """Say in one line why the example cannot run, and exit with 2."""
    print(f"{os.path.basename(sys.argv[0])}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def need(*modules):
    """Stop if a package is not installed, and say how to install it."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            name = PACKAGES.get(module, module)
            stop(f"{name} is not installed: pip install 'minictx[examples]', or {name}")


def reason(error, url):
    """Return one line of what an error says, and nothing that could be part of a password."""
    if isinstance(error, ImportError) and error.name:
        name = PACKAGES.get(error.name, error.name)
        return f"its driver {name} is not installed: pip install {name}"
    if not URL.fullmatch(url):
        return (
            "it is not of the form scheme://user:password@host:port/name, with a number as port"
            " (in user and password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23)"
        )
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's own error
    text = str(cause.args[-1] if cause.args else "") or type(cause).__name__
    return text.splitlines()[0].rstrip(".")


@cache
def database_url():
    """Return the URL of the database: SQLite in a temporary file, if nothing else is said."""
    if url := os.environ.get("MINICTX_DATABASE_URL"):
        return url
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return f"sqlite:///{folder.name}/example.sqlite"


def engine(**options):
    """Return an SQLAlchemy engine, after one connection has shown that the URL is right."""
    need("sqlalchemy")
    from sqlalchemy import create_engine, make_url

    try:
        url = make_url(database_url())
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            stop("MINICTX_DATABASE_URL needs a file, as in sqlite:///example.sqlite")
        if url.get_driver_name() == "pymysql":  # it would wait for ever
            url = url.update_query_dict({"read_timeout": str(PATIENCE), **url.query})
        new = create_engine(url, **options)
        new.connect().close()
    except Exception as error:  # each driver has its own errors
        why = reason(error, database_url())
        stop(f"cannot use MINICTX_DATABASE_URL: {why} (without it, SQLite is used)")
    new.dispose()  # a count of connections begins with none
    return new


@cache
def _driver():
    new = engine()
    return new.dialect, *new.dialect.create_connect_args(new.url)


def connect():
    """Return a new DB-API connection to the database."""
    dialect, arguments, options = _driver()
    return dialect.connect(*arguments, **options)


def execute(connection, statement):
    """Run an SQL statement on a DB-API connection, and return its rows as a list."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def redis_client():
    """Return a client of the Redis server, after it has answered once."""
    need("redis")
    import redis

    url = os.environ.get("MINICTX_REDIS_URL", "redis://127.0.0.1:6379/0")
    try:
        client = redis.Redis.from_url(url, socket_timeout=PATIENCE)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        why = reason(error, url)
        stop(f"cannot use Redis: {why}; start one, or correct MINICTX_REDIS_URL")
    return client
