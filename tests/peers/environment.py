"""Run Python where only certain packages are installed; fetch what a release holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Done", "PeerError", "list_in", "python", "unpack"]

ROOT = Path(__file__).resolve().parent.parent.parent

TIMEOUT = 300  # seconds, for one run of one suite


class PeerError(Exception):
    """Say why nothing could be compared."""


@dataclass(frozen=True)
class Done:
    """What a program printed, and its exit status."""

    status: int
    output: str


def python(
    packages: Sequence[str],
    arguments: Sequence[str],
    cwd: str | Path,
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Done:
    """Run ``python ARGUMENTS`` where only ``packages``, and what they need, are installed."""
    uv = ["uv", "run", "--quiet", "--isolated", "--no-project", "--python", "3.11"]
    with_packages = [f"--with={package}" for package in packages]
    with subprocess.Popen(
        [*uv, *with_packages, "python", *arguments],
        cwd=cwd,
        env=_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # a group of its own: what it started is ended with it
    ) as process:
        output = _output(process, timeout)
    if output is None:
        raise PeerError(f"{' '.join(arguments)}: not ready after {timeout} seconds")
    return Done(process.returncode, output)


def _output(process: subprocess.Popen[str], timeout: float) -> str | None:
    """Return what it prints until it ends, or None if it does not end in time."""
    try:
        return process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    # What is meant for the Python, or the pytest, around this one.
    ours = ("PYTEST", "PYTHON", "FLASK", "WERKZEUG", "VIRTUAL_ENV", "UV_PROJECT", "COVERAGE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def unpack(package: str, version: str, folder: Path) -> Path:
    """Unpack a release into ``folder``, and return where its top is.

    The archive is fetched once, and kept in the user's cache.
    """
    kept = _cache() / f"{package}-{version}.tar.gz"
    if not kept.exists():
        _fetch(package, version, kept)
    with tarfile.open(kept) as archive:
        archive.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "minictx" / "peers"


def _fetch(package: str, version: str, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Inside the cache, so that moving it is one step: nobody finds half of an archive.
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        pip = ["-m", "pip", "download", "--no-deps", f"--no-binary={package}", "--dest", folder]
        done = python(["pip"], [*pip, f"{package}=={version}"], cwd=folder)
        archives = list(Path(folder).glob("*.tar.gz"))
        if not archives:
            raise PeerError(f"cannot fetch {package} {version}:\n{done.output}")
        shutil.move(archives[0], kept)


def list_in(page: Path, text: str, write: bool) -> bool:
    """Tell whether ``text`` stands in a page; or write it, between the two marks for it."""
    old = page.read_text()
    if write:
        head, start, rest = old.partition("<!-- list -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        page.write_text(f"{head}{start}{text}\n{end}{tail}")
    return write or text in old
