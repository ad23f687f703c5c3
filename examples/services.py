"""What several examples need: packages, a database, Redis; and a plain word if one is missing.

SQLite and a temporary file are enough to begin with. To use a real server, say where it is:

    MINICTX_DATABASE_URL=mysql+pymysql://USER:PASSWORD@HOST:3306/DATABASE
    MINICTX_REDIS_URL=redis://127.0.0.1:6379/0
"""

import atexit
import importlib.util
import os
import sys
import tempfile

__all__ = ["connect", "database_url", "engine", "need", "redis_client", "stop"]

PACKAGES = {"dbutils": "DBUtils", "redis": "redis", "sqlalchemy": "SQLAlchemy"}


def stop(reason):
    """Say in one line why the example cannot run, and exit with 2."""
    print(f"{os.path.basename(sys.argv[0])}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def need(*modules):
    """Stop where a package is not installed, and say how to install it."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            name = PACKAGES.get(module, module)
            stop(f"{name} is not installed: pip install 'minictx[examples]', or {name}")


def database_url():
    """Return the URL of the database: SQLite in a temporary file, if nothing else is said."""
    if url := os.environ.get("MINICTX_DATABASE_URL"):
        return url
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    os.environ["MINICTX_DATABASE_URL"] = f"sqlite:///{folder.name}/example.sqlite"
    return os.environ["MINICTX_DATABASE_URL"]


def engine(**options):
    """Return an SQLAlchemy engine, after one connection has shown that the URL is right."""
    need("sqlalchemy")
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    try:
        new = create_engine(database_url(), **options)
        new.connect().close()
    except (SQLAlchemyError, ImportError) as error:
        stop(f"cannot use the database: {error}")
    return new


def connect():
    """Return a DB-API connection to the database."""
    return engine().raw_connection().detach()


def redis_client():
    """Return a client of the Redis server, after it has answered once."""
    need("redis")
    import redis

    url = os.environ.get("MINICTX_REDIS_URL", "redis://127.0.0.1:6379/0")
    try:
        client = redis.Redis.from_url(url)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        stop(f"cannot use Redis: {error}; start one, or set MINICTX_REDIS_URL")
    return client
