"""The examples of the chapter on databases: on SQLite, on MariaDB, and where one is missing."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actors import greenlet

pytest.importorskip("sqlalchemy")
pymysql = pytest.importorskip("pymysql")
pytest.importorskip("dbutils")

FOLDER = Path(__file__).parent.parent.parent / "examples"
EXAMPLES = sorted(
    path
    for path in FOLDER.glob("[0-9][0-9]_*.py")
    if "\n# Chapter: Databases\n" in path.read_text()
)
POOL = FOLDER / "34_the_engines_pool.py"
HOST, PORT = "127.0.0.1", 3306

# Runs a script as Python does, but for a module that is hidden.
HIDING = """
import runpy, sys
sys.modules[sys.argv[1]] = None
sys.argv = sys.argv[2:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(
    *command: str | Path, url: str = "", temporary: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MINICTX_DATABASE_URL": url}
    if temporary:
        environment["TMPDIR"] = str(temporary)
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )


def expected(example: Path) -> list[str]:
    _, _, output = example.read_text().partition("\n# Output:\n")
    return [line.removeprefix("# ").removeprefix("#") for line in output.splitlines()]


def reason(result: subprocess.CompletedProcess[str], script: Path = POOL) -> str:
    """Return the one line that an example says when it cannot run."""
    assert result.stdout == ""
    assert result.returncode == 2, result.stderr
    assert result.stderr.count("\n") == 1
    name, _, line = result.stderr.strip().partition(": ")
    assert name == script.name
    return line


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    if greenlet is None and '"greenlet"' in path.read_text():
        pytest.skip("greenlet is not installed")
    return path


class Server:
    """A MariaDB server, with a database and a user that are there for one test only."""

    def __init__(self) -> None:
        self.root = pymysql.connect(host=HOST, port=PORT, user="root", autocommit=True)
        self.name = f"minictx_test_{secrets.token_hex(6)}"
        self.password = f"secret{secrets.token_hex(6)}"
        self.ask(f"CREATE DATABASE {self.name}")
        self.ask(f"CREATE USER {self.name}@'%' IDENTIFIED BY '{self.password}'")
        self.ask(f"GRANT ALL ON {self.name}.* TO {self.name}@'%'")

    def url(self, **parts: str | int) -> str:
        names = {"password": self.password, "port": PORT, "database": self.name, **parts}
        return "mysql+pymysql://{user}:{password}@{host}:{port}/{database}".format(
            user=self.name, host=HOST, **names
        )

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with self.root.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def tables(self) -> list[tuple[object, ...]]:
        return self.ask(f"SHOW TABLES FROM {self.name}")

    def remove(self) -> None:
        self.ask(f"DROP USER IF EXISTS {self.name}@'%'")
        self.ask(f"DROP DATABASE IF EXISTS {self.name}")
        self.root.close()


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    try:
        server = Server()
    except pymysql.MySQLError as error:
        if os.environ.get("MINICTX_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no MariaDB for root@{HOST}:{PORT}, without a password: {error}")
    yield server
    server.remove()


def test_the_chapter_has_its_examples() -> None:
    assert [path.name[:2] for path in EXAMPLES] == [str(number) for number in range(29, 37)]


@pytest.mark.slow
def test_an_example_leaves_no_file_behind(example: Path, tmp_path: Path) -> None:
    result = run(example, temporary=tmp_path)
    assert (result.stdout.splitlines(), result.stderr) == (expected(example), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_example_prints_the_same_on_mariadb_and_leaves_no_table(
    example: Path, mariadb: Server
) -> None:
    result = run(example, url=mariadb.url())
    assert (result.stdout.splitlines(), result.stderr) == (expected(example), "")
    assert mariadb.tables() == []


def test_the_three_ways_can_be_measured() -> None:
    three_ways = FOLDER / "29_three_ways_to_connect.py"
    result = run(three_ways, "--measure")
    speeds = re.findall(r"^ +[1-9]\d* requests a second$", result.stdout, re.M)
    assert len(speeds) == 3
    assert [line for line in result.stdout.splitlines() if "second" not in line] == expected(
        three_ways
    )


def test_a_wrong_port_is_told(mariadb: Server) -> None:
    line = reason(run(POOL, url=mariadb.url(port=1)))
    assert line.startswith("cannot use MINICTX_DATABASE_URL: Can't connect to MySQL server")
    assert "Connection refused" in line
    assert mariadb.password not in line


def test_a_wrong_password_is_told_and_not_shown(mariadb: Server) -> None:
    line = reason(run(POOL, url=mariadb.url(password="not-the-password")))
    assert f"Access denied for user '{mariadb.name}'" in line
    assert "not-the-password" not in line


def test_an_unknown_database_is_told(mariadb: Server) -> None:
    line = reason(run(POOL, url=mariadb.url(database="mysql_has_no_such_database")))
    assert "mysql_has_no_such_database" in line
    assert mariadb.password not in line


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://alice:unlikely@127.0.0.1:port/shop",
        "mysql+pymysql://alice:unlikely",
        "mysql+pymysql://alice:un@likely@127.0.0.1:1/shop",
        "mysql+pymysql://alice:12/unlikely@127.0.0.1:1/shop",
        "alice:unlikely@127.0.0.1/shop",
    ],
)
def test_a_malformed_url_is_told_without_any_part_of_its_password(url: str) -> None:
    line = reason(run(POOL, url=url))
    assert "not of the form scheme://user:password@host:port/name" in line
    assert "likely" not in line


@pytest.mark.parametrize(
    ("scheme", "call"),
    [("mysql+pymysql://alice:unlikely@", "engine()"), ("redis://", "redis_client()")],
)
def test_a_server_that_never_answers_is_told(scheme: str, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}127.0.0.1:{silent.getsockname()[1]}/0"
        code = f"""
import os, sys
sys.path.insert(0, {str(FOLDER)!r})
os.environ["MINICTX_DATABASE_URL"] = os.environ["MINICTX_REDIS_URL"] = {url!r}
import services
services.PATIENCE = 1
services.{call}
"""
        result = run("-c", code)
    assert result.returncode == 2
    assert re.fullmatch(r"-c: cannot use .*(timed out|Timeout).*\n", result.stderr)
    assert "unlikely" not in result.stderr


def test_an_unknown_kind_of_database_is_told() -> None:
    assert "shopbase" in reason(run(POOL, url="shopbase://alice@127.0.0.1/shop"))


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/no/such/folder/shop.sqlite"
    assert "unable to open database file" in reason(run(POOL, url=url))


def test_a_database_in_memory_is_refused() -> None:
    assert "needs a file" in reason(run(POOL, url="sqlite://"))


def test_of_a_long_reason_only_the_first_line_is_told() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
import services
print(services.reason(RuntimeError("the cellar is flooded.\\n(see page 7)"), "shop://host"))
"""
    assert run("-c", code).stdout == "the cellar is flooded\n"


def test_a_missing_driver_is_told() -> None:
    url = f"mysql+pymysql://alice:unlikely@{HOST}:1/shop"
    line = reason(run("-c", HIDING, "pymysql", POOL, url=url))
    assert "PyMySQL is not installed: pip install PyMySQL" in line
    assert "unlikely" not in line


@pytest.mark.parametrize(
    ("module", "package"), [("sqlalchemy", "SQLAlchemy"), ("dbutils", "DBUtils")]
)
def test_a_missing_package_is_told(module: str, package: str) -> None:
    for script in EXAMPLES:
        if f"\nfrom {module}" in script.read_text():
            line = reason(run("-c", HIDING, module, script), script)
            assert line.startswith(f"{package} is not installed: pip install ")


def test_where_dbutils_is_there_and_sqlalchemy_is_not_it_is_told() -> None:
    script = FOLDER / "31_persistent_db_options.py"
    line = reason(run("-c", HIDING, "sqlalchemy", script), script)
    assert line.startswith("SQLAlchemy is not installed")
