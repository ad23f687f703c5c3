from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

pytest.importorskip("watchfiles")

from minictx.learn.watcher.input import Wake, wake_by_polling, wake_by_watchfiles, watching

SECONDS = 20
WAKES: list[Wake] = [wake_by_watchfiles, wake_by_polling]


class Saved(SimpleQueue[set[Path]]):
    """The files that were saved, as they were noticed."""

    def next(self) -> set[Path]:
        return self.get(timeout=SECONDS)


class Said(SimpleQueue[str]):
    def next(self) -> str:
        return self.get(timeout=SECONDS)


@pytest.fixture
def saved() -> Saved:
    return Saved()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "local.py", tmp_path / "running" / "running_dict.py"]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n")
    return files


@pytest.mark.parametrize("wake", WAKES)
def test_a_saved_file_is_noticed(
    files: list[Path], saved: Saved, said: Said, wake: Wake
) -> None:
    with watching(files, saved.put, said.put, wake):
        for file in files:
            file.write_text("x = 22\n")
            assert saved.next() == {file}
    assert said.empty()


@pytest.mark.parametrize("wake", WAKES)
def test_a_file_that_an_editor_puts_in_the_place_of_another_is_noticed(
    files: list[Path], saved: Saved, said: Said, wake: Wake
) -> None:
    with watching(files, saved.put, said.put, wake):
        new = files[0].with_name("4913")
        new.write_text("x = 2\n")
        new.replace(files[0])
        assert saved.next() == {files[0]}


@pytest.mark.parametrize("wake", WAKES)
def test_a_file_that_comes_back_is_noticed(
    files: list[Path], saved: Saved, said: Said, wake: Wake
) -> None:
    with watching(files, saved.put, said.put, wake):
        files[1].unlink()
        assert saved.next() == {files[1]}
        files[1].write_text("x = 1\n")
        assert saved.next() == {files[1]}


@pytest.mark.parametrize("wake", WAKES)
def test_other_files_are_not_noticed(
    files: list[Path], saved: Saved, said: Said, wake: Wake
) -> None:
    with watching(files, saved.put, said.put, wake):
        for name in ("notes.txt", "local.py~", ".local.py.swp"):
            files[0].with_name(name).write_text("x")
        files[0].write_text("x = 22\n")
        assert saved.next() == {files[0]}
    assert saved.empty()


def test_a_file_without_its_folder_is_not_waited_for(
    files: list[Path], saved: Saved, said: Said
) -> None:
    with watching([*files, files[0].parent / "gone" / "a.py"], saved.put, said.put):
        files[0].write_text("x = 22\n")
        assert saved.next() == {files[0]}
    assert said.empty()


def test_what_is_saved_while_the_watcher_starts_is_noticed(
    files: list[Path], saved: Saved, said: Said
) -> None:
    def late(folders: Iterable[Path], stop: threading.Event) -> Iterator[object]:
        files[0].write_text("x = 22\n")
        yield None

    with watching(files, saved.put, said.put, late):
        assert saved.next() == {files[0]}


def test_what_watchfiles_misses_is_noticed_a_second_later(
    files: list[Path], saved: Saved, said: Said, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def deaf(_: Iterable[Path], stop: threading.Event) -> Iterator[object]:
        return wake_by_watchfiles([elsewhere], stop)

    with watching(files, saved.put, said.put, deaf):
        files[0].write_text("x = 22\n")
        assert saved.next() == {files[0]}


@pytest.mark.parametrize(
    "error", [ImportError("No module named 'watchfiles'"), OSError("no more watches")]
)
def test_where_watchfiles_cannot_be_used_it_polls_and_says_so(
    files: list[Path], saved: Saved, said: Said, error: Exception
) -> None:
    def broken(_: Iterable[Path], stop: threading.Event) -> Iterator[object]:
        raise error

    with watching(files, saved.put, said.put, broken):
        assert said.next() == (f"looking at the files every 0.2 s, without watchfiles: {error}")
        files[0].write_text("x = 22\n")
        assert saved.next() == {files[0]}


def test_a_python_without_watchfiles_polls(
    files: list[Path], saved: Saved, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with watching(files, saved.put, said.put):
        assert "without watchfiles" in said.next()
        files[0].write_text("x = 22\n")
        assert saved.next() == {files[0]}


@pytest.mark.parametrize("wake", WAKES)
def test_no_thread_is_left(files: list[Path], saved: Saved, said: Said, wake: Wake) -> None:
    before = threading.enumerate()
    with pytest.raises(KeyboardInterrupt), watching(files, saved.put, said.put, wake):
        raise KeyboardInterrupt
    assert threading.enumerate() == before
