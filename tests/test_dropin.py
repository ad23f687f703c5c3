"""What imports werkzeug.local must not be this process: every test has one of its own."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

import minictx
from minictx.dropin import names

ROOT = Path(__file__).parent.parent

SHOP = """\
import sys
from flask import Flask, current_app, g, request, session

app = Flask("shop")
app.secret_key = "only for this test"

@app.route("/<user>")
def index(user):
    g.user = session["user"] = user
    return f"{request.path} {g.user} {session['user']} {current_app.name}"

print(app.test_client().get("/alice").text)
print(type(request).__module__, sys.modules["werkzeug.local"].LocalStack.__module__)
"""


def python(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environ)


def dropin(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return python("-m", "minictx.dropin", *arguments, cwd=cwd)


def output_of(code: str) -> list[str]:
    done = python("-c", code)
    assert done.stderr == ""
    return done.stdout.splitlines()


def error_of(*arguments: str | Path, cwd: Path = ROOT) -> str:
    """Return the one line that says what is wrong, after the usage."""
    done = dropin(*arguments, cwd=cwd)
    assert done.returncode == 2
    assert done.stdout == ""
    usage, error = done.stderr.splitlines()
    assert usage.startswith("usage: python -m minictx.dropin")
    return error.removeprefix("python -m minictx.dropin: error: ")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A Flask app that makes a request as it is run."""
    path = tmp_path / "shop.py"
    path.write_text(SHOP)
    return path


@pytest.fixture
def student(tmp_path: Path) -> Path:
    """A folder with a copy of minictx's own three files."""
    folder = tmp_path / "student"
    folder.mkdir()
    for name in ("local.py", "stack.py", "proxy.py"):
        source = (ROOT / "minictx" / name).read_text()
        source = source.replace("from minictx.local", "from local")
        (folder / name).write_text(source.replace("from minictx.proxy", "from proxy"))
    return folder


@pytest.mark.parametrize(
    ("options", "module"),
    [
        ([], "minictx.stack"),
        (["--storage", "ident"], "minictx.stack"),
        (["--storage", "contextvar"], "minictx.contextual"),
        (["--storage=contextvar"], "minictx.contextual"),
    ],
)
def test_flask_runs_on_minictx(shop: Path, options: list[str], module: str) -> None:
    done = dropin(*options, shop)
    assert done.stderr == ""
    assert done.stdout == f"/alice alice alice shop\nminictx.proxy {module}\n"


def test_an_error_shows_the_files_of_minictx(shop: Path) -> None:
    shop.write_text(f"{SHOP}\nrequest.path\n")
    done = dropin(shop)
    assert done.returncode == 1
    assert f'File "{ROOT}/minictx/proxy.py"' in done.stderr
    assert "werkzeug/local.py" not in done.stderr
    assert "Working outside of request context." in done.stderr


def test_a_script_runs_as_it_does_without(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("word = 'found'\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import beside, sys\n"
        "print(__name__, beside.word, sys.argv[1:], sys.argv[0] == __file__)\n"
        "sys.exit(3)\n"
    )
    arguments = [str(script), "--storage", "no", "-m", "x", "--", "-h"]
    with_it, without = dropin(*arguments), python(*arguments)
    assert (with_it.stdout, with_it.stderr) == (without.stdout, without.stderr)
    assert with_it.stdout == "__main__ found ['--storage', 'no', '-m', 'x', '--', '-h'] True\n"
    assert with_it.returncode == without.returncode == 3


def test_a_module_runs_as_it_does_without(tmp_path: Path) -> None:
    arguments = ["-m", "json.tool", "--compact", "data.json"]
    (tmp_path / "data.json").write_text('{"user": "alice"}')
    (tmp_path / "here.py").write_text(
        "import sys\n"
        "print(__spec__.name, sys.argv[1:], vars(sys.modules['__main__']) is globals())\n"
    )
    assert dropin(*arguments, cwd=tmp_path).stdout == '{"user":"alice"}\n'
    done = dropin("--storage", "ident", "-m", "here", "-m", cwd=tmp_path)
    assert done.stdout == "here ['-m'] True\n"


def test_bad_usage_is_told_in_one_line(tmp_path: Path) -> None:
    assert error_of() == "name a script to run, or a module with -m"
    assert error_of("-m") == "name a script to run, or a module with -m"
    assert error_of("none.py") == "there is no script 'none.py': name a Python file, or use -m"
    assert error_of("-m", "no.module") == "there is no module 'no.module'"
    assert error_of("--storage", "dict", "shop.py").startswith("argument --storage: invalid")
    assert error_of("--code", tmp_path, "--storage", "ident", "shop.py") == (
        "--code brings a storage of its own: leave out --storage"
    )


def test_without_werkzeug_it_says_what_to_install(shop: Path) -> None:
    done = python("-S", "-m", "minictx.dropin", shop)  # -S: no installed package is found
    assert done.returncode == 2
    assert done.stderr.endswith(
        "error: werkzeug is not installed: pip install werkzeug, or flask\n"
    )


# install and undo


def test_install_can_be_undone() -> None:
    assert output_of(
        "import sys\n"
        "from minictx import dropin\n"
        "before = list(sys.meta_path)\n"
        "installation = dropin.install('contextvar')\n"
        "import flask, werkzeug.local\n"
        "print(type(flask.request).__module__, werkzeug.local.Local.__module__)\n"
        "installation.undo()\n"
        "installation.undo()\n"
        "print(sys.meta_path == before)\n"
        "import flask, werkzeug.local\n"
        "print(type(flask.request).__module__, werkzeug.local.Local.__module__)\n"
    ) == ["minictx.proxy minictx.contextual", "True", "werkzeug.local werkzeug.local"]


def test_it_is_undone_at_the_end_of_a_with_block_too() -> None:
    assert output_of(
        "from minictx import dropin\n"
        "import werkzeug\n"
        "before = werkzeug\n"
        "for _ in range(2):\n"
        "    with dropin.install():\n"
        "        import werkzeug.local\n"
        "        print(werkzeug.local.LocalStack.__module__)\n"
        "    import werkzeug\n"
        "    print(hasattr(werkzeug, 'local'), werkzeug is before)\n"
    ) == ["minictx.stack", "False True", "minictx.stack", "False True"]


def test_what_has_nothing_to_do_with_it_is_not_forgotten() -> None:
    assert output_of(
        "import sys\n"
        "from minictx import dropin\n"
        "with dropin.install():\n"
        "    import flask, json.tool, minictx.web\n"
        "print(*[name in sys.modules for name in ('json.tool', 'minictx.web', 'flask')])\n"
    ) == ["True True False"]


def test_whoever_has_imported_werkzeug_local_before_is_named() -> None:
    assert output_of(
        "import flask\n"
        "from minictx import dropin\n"
        "try:\n"
        "    dropin.install()\n"
        "except dropin.AlreadyImportedError as error:\n"
        "    print(error)\n"
        "print(type(flask.request).__module__)\n"
    ) == [
        "werkzeug.local is imported already, by flask.globals, flask.logging: call"
        " minictx.dropin.install() before that, or run the whole program with python -m"
        " minictx.dropin",
        "werkzeug.local",
    ]


def test_that_it_was_imported_is_said_where_nobody_uses_it_too() -> None:
    done = python("-c", "import werkzeug.local, minictx.dropin as d; d.install()")
    assert "werkzeug.local is imported already, by somebody: call" in done.stderr


def test_it_cannot_be_installed_twice() -> None:
    assert output_of(
        "from minictx import dropin\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        dropin.install()\n"
        "    except dropin.AlreadyImportedError as error:\n"
        "        print(error)\n"
        "    import werkzeug.local\n"
    ) == ["minictx is in the place of werkzeug.local already: undo() that first"]


def test_the_web_framework_of_minictx_is_not_in_the_way() -> None:
    assert output_of(
        "import minictx.web\n"
        "from minictx import dropin\n"
        "dropin.install()\n"
        "import flask\n"
        "print(type(flask.request) is minictx.LocalProxy)\n"
    ) == ["True"]


@pytest.mark.parametrize(
    ("version", "has_get_ident"), [("1.0.1", True), ("2.0.3", True), ("2.1.2", False)]
)
def test_get_ident_is_there_for_a_werkzeug_below_2_1(
    version: str, has_get_ident: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    for storage in names.STORAGES:
        found = names.names_of(storage)
        assert found.get("get_ident") is (minictx.get_ident if has_get_ident else None)


def test_flask_2_0_finds_the_contextvar_that_it_takes_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for version, has_it in (("1.0.1", False), ("2.0.3", True), ("2.1.2", False)):
        monkeypatch.setattr("importlib.metadata.version", lambda name, version=version: version)
        assert names.names_of("ident").get("ContextVar") is (ContextVar if has_it else None)


@pytest.mark.parametrize("storage", names.STORAGES)
def test_a_contextvar_to_store_in_may_be_given_as_to_werkzeug(storage: Any) -> None:
    var: ContextVar[Any] = ContextVar("var")
    found = names.names_of(storage)
    local, stack = found["Local"](var), found["LocalStack"](context_var=None)
    local.user = "alice"
    stack.push("alice")
    assert (local.user, stack.top) == ("alice", "alice")
    assert (var.get(None) is not None) == (storage == "contextvar")
    assert isinstance(local, minictx.Local) == (storage == "ident")
    assert repr(type(stack)).startswith("<class 'minictx.")


@pytest.mark.parametrize(("version", "is_wrapped"), [("2.1.2", True), ("2.2.3", False)])
def test_a_bound_proxy_wraps_its_function_as_in_the_werkzeug_of_that_time(
    version: str, is_wrapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    found = names.names_of("ident")
    find = list
    assert (getattr(found["LocalProxy"](find), "__wrapped__", None) is find) == is_wrapped
    local = found["Local"]()
    local.value = functools.wraps(find)(lambda: None)
    # Of a Local, a proxy has always had what its object has.
    assert found["LocalProxy"](local, "value").__wrapped__ is find
    assert issubclass(found["LocalProxy"], minictx.LocalProxy)
    stack = found["LocalStack"]()
    for proxy in (local("value"), stack()):
        assert type(proxy) is found["LocalProxy"]
        assert type(proxy).__doc__ == minictx.LocalProxy.__doc__


def test_a_storage_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="storage is 'dict': choose one of ident, contextvar"):
        names.names_of("dict")  # type: ignore[arg-type]


# A student's own code


def test_flask_runs_on_a_students_code(shop: Path, student: Path) -> None:
    done = dropin("--code", student.name, shop, cwd=student.parent)
    assert done.stderr == ""
    assert done.stdout == "/alice alice alice shop\nproxy stack\n"


def test_an_error_shows_the_files_of_the_student(shop: Path, student: Path) -> None:
    shop.write_text(f"{SHOP}\nrequest.path\n")
    assert f'File "{student}/proxy.py"' in dropin("--code", student, shop).stderr


def test_the_release_local_of_a_student_is_used(shop: Path, student: Path) -> None:
    shop.write_text("import werkzeug.local\nprint(werkzeug.local.release_local.__module__)\n")
    assert dropin("--code", student, shop).stdout == "local\n"


def rename(folder: Path, file: str, old: str, new: str) -> None:
    source = (folder / file).read_text()
    assert old in source
    (folder / file).write_text(source.replace(old, new))


def two_files_away(folder: Path) -> None:
    (folder / "local.py").unlink()
    (folder / "proxy.py").unlink()


def a_class_away(folder: Path) -> None:
    (folder / "stack.py").write_text("LocalStack = 1\n")


def methods_away(folder: Path) -> None:
    rename(folder, "stack.py", "def top(", "def peek(")
    rename(folder, "stack.py", "def __call__(", "def call(")
    rename(folder, "proxy.py", "    __len__ ", "    length ")
    rename(folder, "proxy.py", "    __eq__ ", "    equal ")


def a_function_away(folder: Path) -> None:
    rename(folder, "local.py", "def release_local", "def let_go")


def a_slip_of_the_pen(folder: Path) -> None:
    (folder / "stack.py").write_text("class LocalStack:\n    def push(self obj):\n")


def an_error(folder: Path) -> None:
    (folder / "stack.py").write_text("import proxy\nproxy.NoName\n")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (shutil.rmtree, "there is no folder '{}': name the one that has local.py"),
        (two_files_away, "{} has no local.py, no proxy.py"),
        (a_class_away, "in {}: stack.py has no class LocalStack"),
        (
            methods_away,
            "in {}: stack.py: LocalStack has no top, __call__; proxy.py: LocalProxy has no"
            " __eq__, __len__",
        ),
        (a_function_away, "in {}: local.py has no function release_local"),
        (a_slip_of_the_pen, "{}/stack.py, line 2: invalid syntax"),
        (an_error, "{}/stack.py, line 2: AttributeError: module 'proxy' has no attribute"),
    ],
)
def test_what_is_wrong_with_a_students_code_is_told_in_one_line(
    shop: Path, student: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(student)
    assert error_of("--code", student, shop).startswith(message.format(student))


def test_a_module_that_has_the_name_of_a_students_file_is_named(
    shop: Path, student: Path, tmp_path: Path
) -> None:
    other = tmp_path / "local.py"
    other.write_text("")
    done = python(
        "-c",
        "import sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import local\n"
        "from minictx import dropin\n"
        f"dropin.install(code={str(student)!r})\n",
    )
    assert done.stderr.endswith(
        f"CodeError: a module 'local' is there already, from {other}:"
        f" {student}/local.py is not read\n"
    )
