"""A small course of two chapters, for tests of what shows a course."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SOLVED", "new_course"]

COURSE = """\
version = 1
title = "Small"

[[chapter]]
key = "first"
title = "First things"
exercises = ["first-one", "first-two"]

[[chapter]]
key = "second"
title = "Second things"
exercises = ["second-three"]
"""
SOLVED = "answer = 42\n"


def new_course(folder: Path) -> Path:
    """Write the course: each exercise is solved when its ``answer`` is 42."""
    (folder / "texts").mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE)
    texts = []
    for key in ("first-one", "first-two", "second-three"):
        chapter, _, name = key.partition("-")
        exercise = folder / "exercises" / key
        exercise.mkdir(parents=True)
        (exercise / "exercise.toml").write_text(
            f'kind = "build"\nfile = "{chapter}/{chapter}_{name}.py"\n'
        )
        (exercise / "start.py").write_text("answer = 0\n")
        (exercise / "solution.py").write_text(SOLVED)
        (exercise / "checks.py").write_text(
            f"import {chapter}_{name} as it\n\n\n"
            f"def test_the_answer():\n"
            f'    assert it.answer == 42, f"{key}: {{it.answer}} is no answer"\n'
        )
        texts.append(
            f'["{key}"]\ntitle = "Title of {name}"\ntext = "Task of {name}."\n'
            f'hints = ["Nudge.", "Push.", "Shove."]\nafter = "Why {name} is so."\n'
        )
    (folder / "texts" / "en.toml").write_text("\n".join(texts))
    return folder
