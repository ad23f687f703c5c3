"""What imports werkzeug.local must not be this process: every test has one of its own."""

from __future__ import annotations

import doctest
import functools
import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
import types
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

import minictx
from minictx.dropin import werkzeug_local

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


WHERE = """\
import os, sys
print(__file__, __package__, __spec__, sys.argv, os.path.realpath(sys.path[0]))
print(sys.modules["__main__"].__dict__ is globals())
"""


def test_a_script_that_is_named_by_a_relative_path_has_the_same_file_as_without(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "script.py").write_text(WHERE)
    (tmp_path / "folder" / "__main__.py").write_text("from script import *\nprint(__file__)")
    for program in ("folder/script.py", "./folder/script.py", "folder/../folder", "folder"):
        with_it, without = dropin(program, cwd=tmp_path), python(program, cwd=tmp_path)
        assert without_addresses(with_it.stdout) == without_addresses(without.stdout)
        assert (with_it.stderr, without.stderr) == ("", "")
        assert with_it.stdout.startswith(str(tmp_path))


@pytest.mark.parametrize(
    "source",
    [
        "def fail():\n    1 / 0\nfail()\n",
        "try:\n    1 / 0\nexcept ArithmeticError:\n    raise LookupError from None\n",
        "try:\n    1 / 0\nexcept ArithmeticError as error:\n    raise LookupError from error\n",
        "def f(:\n",
        "import sys\nsys.exit('no more')\n",
        "raise KeyboardInterrupt\n",
        "raise ExceptionGroup('two', [ValueError(1), ValueError(2)])\n",
        "import sys, traceback\n"
        "sys.excepthook = lambda *error: print('mine', len(traceback.extract_tb(error[2])))\n"
        "1 / 0\n",
        "import atexit, threading\n"
        "threading.Thread(target=lambda: threading.main_thread().join() or 1 / 0).start()\n"
        "atexit.register(lambda: __import__('__main__').no_such_name)\n",
        "import no_such_module\n",
    ],
)
def test_an_error_of_a_script_is_printed_as_without(source: str, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(source)
    with_it, without = dropin("script.py", cwd=tmp_path), python("script.py", cwd=tmp_path)
    assert without_addresses(with_it.stderr) == without_addresses(without.stderr)
    assert with_it.stdout == without.stdout
    assert with_it.returncode == without.returncode != -11


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


@pytest.mark.parametrize("module", ["package", "package.part", "broken", "broken.part"])
def test_the_traceback_of_a_module_begins_with_the_module(module: str, tmp_path: Path) -> None:
    for name in ("package/__main__.py", "package/part.py", "broken/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("import no_such_module\n")
    (tmp_path / "package/__init__.py").touch()
    done = dropin("-m", module, cwd=tmp_path)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()[:2]
    assert first == "Traceback (most recent call last):"
    assert second.startswith(f'  File "{tmp_path}/{module.partition(".")[0]}/')


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
    assert error_of("-m", "math.no") == "there is no module 'math.no'"
    assert error_of("-m", "email") == "there is no module 'email.__main__'"
    assert error_of("-m", "math") == ("'math' cannot be run: it is not made of Python code")
    assert error_of(tmp_path) == f"there is no __main__.py in '{tmp_path}'"
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


def test_the_modules_that_have_imported_werkzeug_local_before_are_named() -> None:
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


def test_that_it_was_imported_is_said_too_if_no_module_uses_it() -> None:
    done = python("-c", "import werkzeug.local, minictx.dropin as d; d.install()")
    assert "werkzeug.local is imported already: call" in done.stderr


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
    for storage in werkzeug_local.STORAGES:
        found = werkzeug_local.names_of(storage)
        assert found.get("get_ident") is (minictx.get_ident if has_get_ident else None)


def test_flask_2_0_finds_the_contextvar_that_it_takes_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for version, has_it in (("1.0.1", False), ("2.0.3", True), ("2.1.2", False)):
        monkeypatch.setattr("importlib.metadata.version", lambda name, version=version: version)
        assert werkzeug_local.names_of("ident").get("ContextVar") is (
            ContextVar if has_it else None
        )


@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_a_contextvar_to_store_in_may_be_given_as_to_werkzeug(storage: Any) -> None:
    var: ContextVar[Any] = ContextVar("var")
    found = werkzeug_local.names_of(storage)
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
    found = werkzeug_local.names_of("ident")
    find = list
    assert (getattr(found["LocalProxy"](find), "__wrapped__", None) is find) == is_wrapped
    local = found["Local"]()
    local.value = functools.wraps(find)(lambda: None)
    # doctest follows __wrapped__, and cannot do with something that is from no module.
    module = types.ModuleType("module")
    module.__dict__["proxy"] = found["LocalProxy"](lambda: None)
    assert doctest.DocTestFinder().find(module) == []
    # Of a Local, a proxy has always had what its object has.
    assert found["LocalProxy"](local, "value").__wrapped__ is find
    assert issubclass(found["LocalProxy"], minictx.LocalProxy)
    stack = found["LocalStack"]()
    for proxy in (local("value"), stack()):
        assert type(proxy) is found["LocalProxy"]
        assert type(proxy).__doc__ == minictx.LocalProxy.__doc__


@pytest.mark.parametrize("version", ["1.0.1", "2.0.3", "2.1.2", "2.2.3", "3.1.9"])
@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_the_source_of_a_class_is_that_of_minictx(
    storage: Any, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    for name, value in werkzeug_local.names_of(storage).items():
        if inspect.isclass(value) and name != "ContextVar":
            assert inspect.getsource(value).startswith(f"class {name}")
            assert Path(inspect.getfile(value)).parent == ROOT / "minictx"
        elif inspect.isfunction(value):
            assert inspect.getsource(value).startswith(f"def {name}(")


@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_the_source_of_the_module_is_what_stands_in_its_place(storage: str) -> None:
    file = str(ROOT / "minictx/dropin/werkzeug_local.py")
    assert output_of(
        "import inspect\n"
        "from minictx import dropin\n"
        f"dropin.install({storage!r})\n"
        "import werkzeug.local as it\n"
        "print(it.__file__, it.__spec__.origin, inspect.getsourcefile(it))\n"
        f"print(inspect.getsource(it) == open({file!r}).read())\n"
        "print(inspect.getdoc(it).splitlines()[0])\n"
        "print(inspect.getmodule(it.LocalStack).__name__)\n"
    ) == [
        f"{file} {file} {file}",
        "True",
        "What stands in the place of ``werkzeug.local``: minictx's classes, under werkzeug's"
        " names.",
        {"ident": "minictx.stack", "contextvar": "minictx.contextual"}[storage],
    ]


# What programs for werkzeug 1.0 and 2.0 look at


@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_a_local_of_werkzeug_1_0_is_iterated_over_by_ident(
    storage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.0.1")
    local = werkzeug_local.names_of(storage)["Local"]()
    assert (list(local), local.__storage__) == ([], {})
    local.user, local.path = "alice", "/"
    here = (minictx.get_ident(), {"user": "alice", "path": "/"})
    assert list(local) == [here]
    assert local.__storage__ == dict([here])
    assert "Local object at" in repr(local)
    seen: list[Any] = []

    def work() -> None:
        local.user = "bob"
        seen.extend(local)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    # Python has no list of contexts: with contextvars, each sees its own only.
    assert [names["user"] for _, names in seen] == (
        ["alice", "bob"] if storage == "ident" else ["bob"]
    )
    assert len({ident for ident, _ in [*seen, here]}) == 2
    minictx.release_local(local)
    assert list(local) == []


@pytest.mark.parametrize("version", ["2.0.3", "2.1.2", "3.1.9"])
@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_since_werkzeug_2_0_a_local_is_iterated_over_by_name(
    storage: Any, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    local = werkzeug_local.names_of(storage)["Local"]()
    local.user = "alice"
    assert list(local) == [("user", "alice")]


@pytest.mark.parametrize("version", ["1.0.1", "2.0.3"])
@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_until_werkzeug_2_0_there_is_an_ident_func(
    storage: Any, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    found = werkzeug_local.names_of(storage)
    local, stack = found["Local"](), found["LocalStack"]()
    stack.push("bottom")
    for each in (local, stack, stack._local):
        assert each.__ident_func__() == found["get_ident"]()
    manager = found["LocalManager"]([local, stack], ident_func=lambda: "other")
    assert manager.get_ident() == "other"
    # Contextvars do not ask it, as in werkzeug 2.0.
    replaced = "other" if storage == "ident" else minictx.get_ident()
    assert local.__ident_func__() == stack.__ident_func__() == replaced
    assert stack.top == (None if storage == "ident" else "bottom")


@pytest.mark.parametrize("version", ["1.0.1", "2.0.3", "2.1.2"])
@pytest.mark.parametrize("storage", werkzeug_local.STORAGES)
def test_until_werkzeug_2_1_a_stack_shows_its_local(
    storage: Any, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    stack = werkzeug_local.names_of(storage)["LocalStack"]()
    assert not hasattr(stack._local, "stack")
    assert list(stack._local) == []
    stack.push("outer")
    stack.push("inner")
    assert stack._local.stack == ["outer", "inner"]
    if version == "1.0.1":
        here = (minictx.get_ident(), {"stack": ["outer", "inner"]})
        assert stack._local.__storage__ == dict([here])
        assert list(stack._local) == [here]
    else:
        assert list(stack._local) == [("stack", ["outer", "inner"])]
    minictx.release_local(stack._local)
    assert (stack.top, stack.__storage__, list(stack._local)) == (None, {}, [])


def test_a_storage_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="storage is 'dict': choose one of ident, contextvar"):
        werkzeug_local.names_of("dict")  # type: ignore[arg-type]


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


STATE = """\
import os, sys
from minictx import dropin

def state():
    return [*sys.path], [*sys.meta_path], {**os.environ}

def changed_since(before):
    return [new for new, old in zip(state(), before) if new != old]
"""


def test_undo_takes_back_a_students_code(student: Path, tmp_path: Path) -> None:
    other = shutil.copytree(student, tmp_path / "other")
    (student / "helper.py").write_text("NAME = 'first'\n")
    (other / "helper.py").write_text("NAME = 'other'\n")
    for folder in (student, other):
        rename(folder, "local.py", "__all__", "import helper\n__all__")
    assert output_of(
        STATE + "before = state()\n"
        f"for folder in {[str(student), str(other), str(student)]}:\n"
        "    installation = dropin.install(code=folder)\n"
        "    import helper, local, stack, werkzeug.local\n"
        "    print(helper.NAME, local.__file__)\n"
        "    print(werkzeug.local.LocalStack is stack.LocalStack)\n"
        "    installation.undo()\n"
        "    print(changed_since(before), {'helper', 'local', 'stack'} & {*sys.modules})\n"
    ) == [
        *(f"first {student}/local.py", "True", "[] set()"),
        *(f"other {other}/local.py", "True", "[] set()"),
        *(f"first {student}/local.py", "True", "[] set()"),
    ]


def test_a_folder_that_the_program_has_on_its_path_stays_there(student: Path) -> None:
    assert output_of(
        "import sys\n"
        "from minictx import dropin\n"
        f"sys.path.append({str(student)!r})\n"
        "before = list(sys.path)\n"
        f"dropin.install(code={str(student)!r}).undo()\n"
        "print(sys.path == before)\n"
    ) == ["True"]


def test_what_could_not_be_installed_leaves_nothing_behind(student: Path) -> None:
    an_error(student)
    assert output_of(
        STATE + "before = state()\n"
        f"for options in ({{'code': {str(student)!r}}}, {{'storage': 'dict'}}):\n"
        "    try:\n"
        "        dropin.install(**options)\n"
        "    except (dropin.CodeError, ValueError) as error:\n"
        "        found = {'local', 'proxy', 'stack'} & {*sys.modules}\n"
        "        print(type(error).__name__, changed_since(before), found)\n"
    ) == ["CodeError [] set()", "ValueError [] set()"]


def test_a_students_helper_is_found_when_a_script_runs(shop: Path, student: Path) -> None:
    (student / "late.py").write_text("NAME = 'late'\n")
    rename(student, "local.py", "    local.__release_local__()", "    import late")
    shop.write_text(f"import werkzeug.local\nwerkzeug.local.release_local(None)\n{SHOP}")
    done = dropin("--code", student, shop.name, cwd=shop.parent)
    assert (done.stdout, done.stderr) == ("/alice alice alice shop\nproxy stack\n", "")


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


# Processes that a program starts

CHILD = "import flask, sys; print(type(flask.request).__module__, flush=True)"

SPAWN = """\
import multiprocessing, subprocess, sys
import flask

def child():
    print(type(flask.request).__module__, flush=True)

if __name__ == "__main__":
    for method in sys.argv[1:]:
        process = multiprocessing.get_context(method).Process(target=child)
        process.start()
        process.join()
"""


@pytest.mark.parametrize("options", [[], ["--storage", "contextvar"]])
def test_the_processes_of_multiprocessing_keep_the_drop_in(
    options: list[str], tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(SPAWN)
    for target in (["script.py"], ["-m", "script"]):
        done = dropin(*options, *target, "spawn", "forkserver", "fork", cwd=tmp_path)
        assert (done.stdout, done.stderr) == ("minictx.proxy\n" * 3, "")


def test_a_child_and_its_own_child_keep_the_drop_in(tmp_path: Path, student: Path) -> None:
    look = "from werkzeug.local import LocalStack as found; print(found.__module__, flush=True)"
    call = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {look!r}])"
    (tmp_path / "script.py").write_text(
        f"import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {look!r}])\n"
        f"subprocess.run([sys.executable, '-c', {call!r}])\n"
    )
    environ = {**os.environ, "PYTHONPATH": ""}
    for options, module in (
        ([], "minictx.stack"),
        (["--storage", "contextvar"], "minictx.contextual"),
        (["--code", student.name], "stack"),
    ):
        command = [sys.executable, "-m", "minictx.dropin", *options, "script.py"]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=environ
        )
        assert done.stderr == ""
        assert done.stdout.split() == [module, module]


def test_a_child_that_has_nothing_to_do_with_werkzeug_loads_nothing_of_ours() -> None:
    assert output_of(
        "import subprocess, sys\n"
        "from minictx import dropin\n"
        "code = 'import sys; print([n for n in sys.modules if n.startswith(\"minictx\")],'"
        " ' [p for p in sys.path if \"children\" in p])'\n"
        "with dropin.install():\n"
        "    subprocess.run([sys.executable, '-c', code])\n"
    ) == ["[] []"]


def test_a_child_has_werkzeugs_own_once_it_is_undone() -> None:
    assert output_of(
        STATE + "import subprocess\n"
        "before = state()\n"
        f"child = [sys.executable, '-c', {CHILD!r}]\n"
        "with dropin.install():\n"
        "    subprocess.run(child)\n"
        "print(changed_since(before), flush=True)\n"
        "subprocess.run(child)\n"
    ) == ["minictx.proxy", "[]", "werkzeug.local"]


def test_a_child_that_installs_it_itself_has_what_it_asks_for() -> None:
    child = (
        "from minictx import dropin\n"
        "with dropin.install():\n"
        "    from werkzeug.local import LocalStack as ours\n"
        "from werkzeug.local import LocalStack as theirs\n"
        "print(ours.__module__, theirs.__module__)\n"
    )
    assert output_of(
        "import subprocess, sys\n"
        "from minictx import dropin\n"
        "dropin.install('contextvar')\n"
        f"subprocess.run([sys.executable, '-c', {child!r}])\n"
    ) == ["minictx.stack werkzeug.local"]


def test_the_sitecustomize_of_a_user_still_runs_in_a_child(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('custom', __name__, flush=True)\n")
    done = python(
        "-c",
        "import os, subprocess, sys\n"
        "from minictx import dropin\n"
        f"os.environ['PYTHONPATH'] += os.pathsep + {str(tmp_path)!r}\n"
        "dropin.install()\n"
        f"subprocess.run([sys.executable, '-c', {CHILD!r} + '; import sitecustomize'])\n",
    )
    assert (done.stdout, done.stderr) == ("custom sitecustomize\nminictx.proxy\n", "")


def test_a_child_of_another_python_is_left_alone(tmp_path: Path) -> None:
    done = python(
        "-c",
        "import subprocess, sys\n"
        "from minictx import dropin\n"
        f"sys.prefix = {str(tmp_path)!r}\n"
        "dropin.install()\n"
        f"subprocess.run([sys.executable, '-c', {CHILD!r}])\n",
    )
    assert (done.stdout, done.stderr) == ("werkzeug.local\n", "")


def test_that_children_will_not_have_it_is_said_in_one_line(shop: Path) -> None:
    start = f"import sys; sys.path.append({str(ROOT)!r}); from minictx import dropin"
    for flag in ("-I", "-E"):
        done = python(flag, "-c", f"{start}; dropin.install()")
        assert done.stderr == (
            "minictx.dropin: this Python runs with -I, -E or -S: processes that it starts will"
            " have werkzeug's own werkzeug.local\n"
        )
