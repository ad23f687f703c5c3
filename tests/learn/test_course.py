from __future__ import annotations

from pathlib import Path

import pytest

from minictx.learn.course import OURS, Course, CourseError, Text
from tests.learn.courses import course_of, list_exercises, write, write_exercise


def test_ours_loads_with_a_text_for_every_exercise() -> None:
    course = Course.load(OURS)
    for exercise in course.exercises:
        text = course.text(exercise)
        assert text.title != exercise.key
        assert len(text.hints) == 3


def test_an_exercise_begins_with_its_start(tmp_path: Path) -> None:
    exercise = course_of(tmp_path, "one-a").exercises[0]
    assert exercise.shipped == exercise.folder / "start.py"
    assert (exercise.kind, exercise.file, exercise.seconds) == ("build", "one/one_a.py", 10.0)


def test_an_exercise_without_a_start_goes_on_with_the_solution_before(tmp_path: Path) -> None:
    for key, start in (("one-a", "x = 1\n"), ("one-b", None), ("one-c", None)):
        write_exercise(tmp_path, key, file="one.py", start=start)
    course = list_exercises(tmp_path, "one-a", "one-b", "one-c")
    a, b, c = course.exercises
    assert (b.shipped, c.shipped) == (a.solution, b.solution)
    assert (a.before, b.before, c.before) == ((), (a,), (a, b))
    assert course.files == {"one.py": a.shipped}


def test_every_folder_of_modules_is_named_once(tmp_path: Path) -> None:
    write_exercise(tmp_path, "one-a", file="local.py")
    write_exercise(tmp_path, "one-b")
    write_exercise(tmp_path, "one-c")
    assert list_exercises(tmp_path, "one-a", "one-b", "one-c").module_folders == (".", "one")


def test_exercises_are_selected_by_name_and_by_chapter_in_the_order_of_learning(
    tmp_path: Path,
) -> None:
    course = course_of(tmp_path, "one-a", "one-b")
    a, b = course.exercises
    assert course.select(()) == (a, b)
    assert course.select(("one",)) == (a, b)
    assert course.select(("one-b", "one-a", "one-b")) == (a, b)
    with pytest.raises(CourseError, match="there is no exercise 'two'"):
        course.select(("two",))


def test_after_an_exercise_come_those_behind_it_and_then_those_before(tmp_path: Path) -> None:
    course = course_of(tmp_path, "one-a", "one-b", "one-c")
    a, b, c = course.exercises
    assert course.after(b) == (c, a)


@pytest.mark.parametrize(
    ("environment", "title"),
    [
        ({"LANG": "de_DE.UTF-8"}, "Titel"),
        ({"LANG": "de_DE@euro", "LC_ALL": ""}, "Titel"),
        ({"LC_MESSAGES": "de_AT.UTF-8", "LANG": "en_GB.UTF-8"}, "Titel"),
        ({"LANG": "de"}, "Titel"),
        ({"LANG": "fr_FR.UTF-8"}, "Title of one-a"),
        ({"LANG": "de_DE", "LC_ALL": "en_US"}, "Title of one-a"),
        ({"LANG": "de_DE", "LC_ALL": "C.UTF-8"}, "Title of one-a"),
        ({}, "Title of one-a"),
    ],
)
def test_texts_are_in_the_language_of_the_student_where_there_are_any(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    title: str,
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    course_of(tmp_path, "one-a", "one-b")
    write(tmp_path / "texts" / "de.toml", '["one-a"]\ntitle = "Titel"\n')
    course = Course.load(tmp_path)
    assert course.text(course.find("one-a")).title == title
    assert course.text(course.find("one-b")).title == "Title of one-b"


def test_what_a_language_lacks_is_taken_from_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    course_of(tmp_path, "one-a", "one-b")
    write(tmp_path / "texts" / "de.toml", '["one-a"]\nhints = ["eins"]\nafter = "Darum."\n')
    course = Course.load(tmp_path)
    a, b = (course.text(each) for each in course.exercises)
    assert a == Text("Title of one-a", "What to do.", ("eins",), "Darum.")
    assert b == Text(
        "Title of one-b", "What to do.", ("first", "second", "third"), "Why it is so."
    )


def test_a_chapter_has_its_title_in_the_language_of_the_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course_of(tmp_path, "one-a")
    write(tmp_path / "texts" / "de.toml", '[one]\ntitle = "Eins"\n')
    for locale, title in (("de_DE.UTF-8", "Eins"), ("en_US.UTF-8", "One")):
        monkeypatch.setenv("LC_ALL", locale)
        course = Course.load(tmp_path)
        assert course.chapter_title(course.chapters[0]) == title


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("course.toml", "version = ", "course.toml: Invalid value"),
        ("course.toml", "version = 2", "version must be 1"),
        ("course.toml", "version = 1", "chapter must be a list"),
        ("course.toml", "version = 1\nchapter = [1]", "begin each chapter with"),
        ("course.toml", "version = 1\nchapter = []", "title must be a string"),
        ("exercises/one-a/exercise.toml", "", "kind must be a string"),
        ("exercises/one-a/exercise.toml", 'kind = "x"', "choose from build, predict, repair"),
        ("exercises/one-a/exercise.toml", 'kind = "build"', "file must be a string"),
        ("texts/en.toml", '["one-a"]\nhints = 1', "hints must be a list"),
        ("texts/en.toml", "one-a = 1", 'begin the texts of an exercise with ["one-a"]'),
        ("texts/en.toml", "\xff", "Invalid"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(
    tmp_path: Path, file: str, text: str, message: str
) -> None:
    course_of(tmp_path, "one-a")
    write(tmp_path / file, text)
    with pytest.raises(CourseError) as caught:
        course = Course.load(tmp_path)
        course.text(course.exercises[0])
    assert message in str(caught.value)
    assert Path(file).name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "file", ["../one.py", "/one.py", "one", "one-a.py", "random.py", "one/os.py", "one.txt"]
)
def test_a_file_that_is_no_module_of_a_workspace_is_refused(tmp_path: Path, file: str) -> None:
    write_exercise(tmp_path, "one-a", file=file)
    with pytest.raises(CourseError, match="is no file of a workspace"):
        list_exercises(tmp_path, "one-a")


def test_an_exercise_with_a_file_of_its_own_needs_a_start(tmp_path: Path) -> None:
    write_exercise(tmp_path, "one-a", start=None)
    with pytest.raises(CourseError, match=r"start\.py is missing: no exercise before has"):
        list_exercises(tmp_path, "one-a")


def test_an_exercise_that_is_not_there_or_listed_twice_is_an_error(tmp_path: Path) -> None:
    course_of(tmp_path, "one-a")
    with pytest.raises(CourseError, match=r"cannot read .*one-b.*: each exercise needs one"):
        list_exercises(tmp_path, "one-a", "one-b")
    with pytest.raises(CourseError, match="one-a is listed twice"):
        list_exercises(tmp_path, "one-a", "one-a")


def test_a_folder_without_a_course_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"cannot read .*course\.toml: No such file"):
        Course.load(tmp_path)
