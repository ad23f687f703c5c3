from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

pytest.importorskip("click")

from tests.actors import needs_greenlet

ROOT = Path(__file__).parent.parent

APP = """\
from minictx.web import MiniFlask, request
app = MiniFlask(__name__)
second = MiniFlask("second")

@app.route("/")
def index():
    return f"hello {request.args['name']} from {app.name}"
"""


def minictx(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minictx", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


def minictx_without(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv[1:] = {list(arguments)!r}\n"
        "from minictx.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def write(source: str) -> str:
        path = tmp_path / "shop.py"
        path.write_text(source)
        return str(path)

    return write


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(arguments: tuple[str, ...]) -> None:
    result = minictx(*arguments)
    shown = result.stdout + result.stderr
    assert "Usage: minictx [OPTIONS] COMMAND [ARGS]..." in shown
    assert "demo" in shown
    assert "run" in shown
    assert result.returncode == (0 if arguments else 2) or not arguments


def test_the_version_is_that_of_the_package() -> None:
    from minictx import __version__

    assert minictx("--version").stdout == f"minictx {__version__}\n"


def test_an_unknown_command_is_refused_with_a_hint() -> None:
    result = minictx("dem")
    assert result.returncode == 2
    assert "No such command 'dem'" in result.stderr


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("click", ["demo"], "learn"),
        ("rich", ["demo"], "learn"),
        ("werkzeug", ["demo"], "web"),
        ("jinja2", ["run", "x.py"], "web"),
    ],
)
def test_a_missing_package_is_named_with_what_to_install(
    package: str, arguments: list[str], extra: str
) -> None:
    result = minictx_without(package, *arguments)
    assert result.returncode == 2
    assert result.stderr == (
        f"minictx: {package} is not installed:"
        f" pip install 'minictx[all]', or at least [{extra}]\n"
    )


def test_gevent_is_asked_for_only_where_it_is_needed(write: Callable[[str], str]) -> None:
    result = minictx_without("gevent", "run", write(APP), "--greenlets", "--port", "0")
    assert result.returncode == 2
    assert "gevent is not installed" in result.stderr
    assert "[gevent]" in result.stderr


def test_any_other_missing_module_is_an_error_like_any_other() -> None:
    result = minictx_without("minictx.demo", "demo")
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stderr


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (APP, "{}x", "there is no file '{}x': name one, as in: minictx run app.py:app"),
        (APP, "{}:shop", "{} has no MiniFlask app named 'shop': it has app, second"),
        (
            "x = 1",
            "{}",
            "{} has no MiniFlask app named 'app': write: app = MiniFlask(__name__)",
        ),
        (APP, "{}:request", "'request' of {} is a minictx.proxy.LocalProxy, not a MiniFlask"),
        (
            "\nx = 1 / 0",
            "{}",
            "{} cannot be run: ZeroDivisionError: division by zero (at {}, line 2)",
        ),
        ("import nothing_here", "{}", "{} cannot be run: ModuleNotFoundError: No module named"),
        ("x = (", "{}", "{} cannot be run: SyntaxError: '(' was never closed"),
    ],
)
def test_a_file_without_the_app_gets_one_line_that_says_what_is_wrong(
    write: Callable[[str], str], source: str, target: str, message: str
) -> None:
    path = write(source)
    result = minictx("run", target.format(path))
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("minictx: " + message.format(path, path))
    assert result.stderr.count("\n") == 1


def test_a_port_that_is_no_port_is_refused(write: Callable[[str], str]) -> None:
    result = minictx("run", write(APP), "--port", "65536")
    assert result.returncode == 2
    assert "65536 is not in the range" in result.stderr


KINDS = [
    pytest.param("--threads", "a thread"),
    pytest.param("--greenlets", "a greenlet", marks=needs_greenlet),
]


@pytest.mark.parametrize(("kind", "runner"), KINDS)
def test_a_port_in_use_is_said_in_one_line(
    write: Callable[[str], str], kind: str, runner: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = minictx("run", write(APP), "--port", str(port), kind)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"minictx: cannot listen on 127.0.0.1:{port}: Address already in use;"
        " try another --port\n"
    )


@pytest.mark.parametrize(("kind", "runner"), KINDS)
def test_run_serves_the_app_until_it_is_interrupted(
    write: Callable[[str], str], kind: str, runner: str
) -> None:
    if kind == "--greenlets":
        pytest.importorskip("gevent")
    with subprocess.Popen(
        [sys.executable, "-m", "minictx", "run", f"{write(APP)}:app", "--port", "0", kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            assert line.endswith(f", {runner} for each request; Ctrl+C stops\n")
            url = line.split()[2].rstrip(",")
            with urlopen(f"{url}/?name=alice", timeout=10) as response:
                assert response.read() == b"hello alice from shop"
        finally:
            server.send_signal(signal.SIGINT)
            output, errors = server.communicate(timeout=20)
    assert server.returncode == 0
    assert output == "stopped\n"
    assert "Traceback" not in errors
    assert "KeyboardInterrupt" not in errors


def test_compare_prints_the_table_and_what_its_columns_mean() -> None:
    result = minictx("compare")
    assert result.returncode == 0, result.stderr
    assert "dead-threads-data-read" in result.stdout
    assert "werkzeug 1.0 without greenlet: recorded" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("--markdown", "| | implementation |\n"),
        ("--html", "<!doctype html>\n"),
        ("--json", "{\n"),
    ],
)
def test_compare_prints_other_forms(form: str, start: str) -> None:
    result = minictx("compare", form)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(start)


def test_compare_shows_one_behaviour_with_its_code_and_a_trace(tmp_path: Path) -> None:
    page = tmp_path / "trace.html"
    arguments = ["--of", "contextvar", "--page", str(page)]
    result = minictx("compare", "tasks-isolated", *arguments)
    assert result.returncode == 0, result.stderr
    assert "def tasks_isolated(kit: Kit) -> str:" in result.stdout
    assert "tasks-isolated, a ContextVar: " in result.stdout
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["threads-isolatd"],
            "there is no behaviour 'threads-isolatd': did you mean threads-isolated or"
            " tasks-isolated or greenlets-isolated?",
        ),
        (
            ["copied", "--of", "gevnt"],
            "there is no implementation 'gevnt': did you mean gevent?",
        ),
        (["--json", "copied"], "--json is for the whole table: leave out copied"),
        (["--html", "--json"], "--html and --json exclude each other: use one of them"),
    ],
)
def test_compare_says_in_one_line_what_is_wrong(arguments: list[str], message: str) -> None:
    result = minictx("compare", *arguments)
    assert result.returncode == 2
    assert result.stderr == f"minictx: {message}\n"
    assert result.stdout == ""


def test_the_help_of_compare_lists_the_behaviours_and_flask() -> None:
    from minictx.compare.locals.behaviours import BEHAVIOURS

    result = minictx("compare", "--help")
    assert result.returncode == 0, result.stderr
    first_words = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert {*BEHAVIOURS, "flask"} <= first_words


def test_the_help_of_a_behaviour_asks_its_question() -> None:
    result = minictx("compare", "is-none", "--help")
    assert result.returncode == 0, result.stderr
    assert "Is `proxy is None` true if the proxy stands for None?" in result.stdout


def test_help_does_not_load_what_the_commands_need() -> None:
    code = (
        "import sys\n"
        "from minictx.cli import minictx\n"
        "for names in ([], ['compare'], ['compare', 'is-none'], ['compare', 'flask']):\n"
        "    minictx([*names, '--help'], standalone_mode=False)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"rich", "werkzeug", "gevent", "asgiref", "flask", "minictx.web"}


def test_compare_flask_says_in_one_line_what_is_wrong() -> None:
    result = minictx("compare", "flask", "no such scenario")
    assert result.returncode == 2
    assert result.stderr.startswith("minictx: ")
    assert result.stderr.count("\n") == 1


def test_compare_flask_passes_its_options_on() -> None:
    result = minictx("compare", "flask", "--from", "2.3", "--to", "minictx", "--json")
    assert result.returncode == 0, result.stderr
    assert result.stdout.lstrip()[0] in "{["


def test_without_greenlet_demo_has_no_page_to_open() -> None:
    result = minictx_without("greenlet", "demo", "--open")
    assert (result.returncode, result.stderr) == (
        2,
        "minictx: there is no page to open: what it shows, two greenlets, was left out, or"
        " failed; the output says why\n",
    )
    assert "left out: greenlet is not installed (pip install greenlet)" in result.stdout
    assert minictx_without("greenlet", "demo").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_like_an_empty_one(closed: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\n"
        f"fd = os.open({str(tmp_path / 'mine')!r}, os.O_RDWR | os.O_CREAT)\n"
        "assert fd > 2, 'a file takes the place of a closed stream'\n"
    )
    command = (
        f"exec {sys.executable} -m minictx trace --json {tmp_path / 't'} {script} {closed}"
    )
    assert subprocess.run(["sh", "-c", command], cwd=ROOT).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "trace --page {} minictx/ident.py",
        "trace --chrome {} minictx/ident.py",
        "trace --json {} minictx/ident.py",
        "compare is-none --page {}",
        "compare flask --page {}",
    ],
)
def test_no_output_option_takes_a_file_of_the_users(command: str, tmp_path: Path) -> None:
    file = tmp_path / "out"
    arguments = command.format(file).split()
    for mine in ("x = 1\n", "<!doctype html>\nmine\n", '{"traceEvents": []}'):
        file.write_text(mine)
        result = minictx(*arguments)
        assert result.returncode == 2
        assert f"minictx: cannot write '{file}': it is there already, and is not a" in (
            result.stderr
        )
        assert file.read_text() == mine
    file.write_text("")  # nothing is lost with it
    for _ in range(2):  # and what minictx wrote, it may write again
        assert minictx(*arguments).returncode == 0
        assert file.stat().st_size > 0


def test_a_file_that_the_script_itself_wrote_is_not_overwritten(tmp_path: Path) -> None:
    out, script = tmp_path / "out.html", tmp_path / "script.py"
    script.write_text(f"open({str(out)!r}, 'w').write('from the script')")
    result = minictx("trace", "--page", str(out), str(script))
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert out.read_text() == "from the script"


def test_what_is_no_file_can_be_written_to() -> None:
    result = minictx("trace", "--page", "/dev/stdout", "minictx/ident.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("<!doctype html>")


DEBUG_APP = "from minictx.web import MiniFlask\napp = MiniFlask(__name__)\napp.debug = True\n"


def test_run_refuses_to_debug_where_others_can_reach_it(write: Callable[[str], str]) -> None:
    result = minictx("run", write(DEBUG_APP), "--host", "0.0.0.0", "--port", "0")
    assert result.returncode == 2
    assert result.stderr == (
        "minictx: the app is in debug mode, and other machines may reach '0.0.0.0': turn debug"
        " mode off, or listen on 127.0.0.1, or add --allow-remote-debugging\n"
    )
