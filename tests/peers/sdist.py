"""Fetch the source archive of a release, and unpack it."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from tests.peers.process import PeerError, python

__all__ = ["unpack"]


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
