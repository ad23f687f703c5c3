"""No name of Flask's is missing without a word: it is there, or an error says what to do."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

import pytest

import minictx.web
from minictx.web import MiniFlask
from minictx.web.left_out import ATTRIBUTES, NAMES
from tests.web.harness import new_app

flask = pytest.importorskip("flask")

WHAT_TO_DO = r" is left out of MiniFlask on purpose\. .* `python -m minictx\.dropin`"


def public(names: Any) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def modules_of_flask() -> list[ModuleType]:
    found = pkgutil.walk_packages(flask.__path__, "flask.")
    names = [each.name for each in found if not each.name.endswith("__main__")]
    return [importlib.import_module(name) for name in names if "sansio" not in name]


def defined_in(module: ModuleType) -> Iterator[str]:
    """Yield what a module defines, without what it imports."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.AnnAssign(target=ast.Name(id=name))
                | ast.Assign(targets=[ast.Name(id=name)])
            ) if not isinstance(getattr(module, name), TypeVar):
                yield name


def test_what_flask_exports_is_there_or_left_out() -> None:
    missing = public(dir(flask)) - {"annotations", "t"} - set(dir(minictx.web))
    assert missing <= NAMES


@pytest.mark.parametrize("module", modules_of_flask(), ids=lambda module: module.__name__)
def test_what_a_module_of_flask_defines_is_there_or_left_out(module: ModuleType) -> None:
    parts = module.__name__.split(".")[1:]
    if NAMES & set(parts):
        with pytest.raises(ImportError, match=WHAT_TO_DO):
            importlib.import_module(f"minictx.web.{'.'.join(parts)}")
        return
    ours = importlib.import_module(f"minictx.web.{'.'.join(parts)}")
    for name in public(defined_in(module)) - set(dir(ours)) - set(dir(minictx.web)):
        with pytest.raises(ImportError, match=f"^{name}{WHAT_TO_DO}"):
            exec(f"from {ours.__name__} import {name}")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_is_left_out_can_neither_be_imported_nor_looked_up(name: str) -> None:
    assert name not in dir(minictx.web)
    assert not hasattr(minictx.web, name)
    with pytest.raises(AttributeError, match=f"^{name}{WHAT_TO_DO}"):
        getattr(minictx.web, name)
    for statement in (
        f"from minictx.web import {name}",
        f"import minictx.web.{name}",
        f"from minictx.web.{name} import anything",
        f"from minictx.web.json import {name}",
        f"from minictx.web.json.{name} import anything",
    ):
        with pytest.raises(ImportError, match=f"^{name}{WHAT_TO_DO}"):
            exec(statement)


def test_what_an_app_of_flask_has_is_there_or_left_out() -> None:
    app = MiniFlask("shop")
    there = set(dir(app))
    assert public(dir(flask.Flask("shop"))) - there <= ATTRIBUTES
    assert ATTRIBUTES.isdisjoint(there)


@pytest.mark.parametrize(
    "made_by",
    [
        lambda app: app.config,
        lambda app: app.json,
        lambda app: app.response_class(),
        lambda app: app.app_context(),
        lambda app: app.app_context().g,
        lambda app: app.test_client(),
        lambda app: app.test_request_context(),
        lambda app: app.test_request_context().request,
        lambda app: app.session_interface,
        lambda app: app.session_interface.open_session(app, app.test_request_context().request),
    ],
)
def test_what_belongs_to_an_app_has_all_that_it_has_in_flask(made_by: Any) -> None:
    theirs, ours = (made_by(new_app(web)) for web in (flask, minictx.web))
    assert public(dir(theirs)) <= set(dir(ours))


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_what_is_left_out_of_an_app_can_neither_be_used_nor_set(name: str) -> None:
    app = MiniFlask("shop")
    assert not hasattr(app, name)
    with pytest.raises(AttributeError, match=rf"^app\.{name}{WHAT_TO_DO}"):
        getattr(app, name)
    with pytest.raises(AttributeError, match=rf"^app\.{name}{WHAT_TO_DO}"):
        setattr(app, name, None)
    with pytest.raises(TypeError, match=rf"^Shop\.{name}{WHAT_TO_DO}"):
        type("Shop", (MiniFlask,), {name: None})


def test_what_flask_has_not_is_a_plain_error() -> None:
    app = MiniFlask("shop")
    with pytest.raises(AttributeError, match=r"^'MiniFlask' object has no attribute 'rout'$"):
        app.rout  # type: ignore[attr-defined]  # noqa: B018
    app.anything = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"^minictx\.web has no 'Flsk'$"):
        minictx.web.Flsk  # type: ignore[attr-defined]  # noqa: B018
    for statement in ("import minictx.web.flsk", "from minictx.web.views_ import View"):
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'minictx\.web\."):
            exec(statement)
    for statement in ("from minictx.web import Flsk", "from minictx.web.json import dmps"):
        with pytest.raises(ImportError, match=r"^cannot import name"):
            exec(statement)


@pytest.mark.parametrize("web", [flask, minictx.web], ids=lambda web: web.__name__)
def test_an_attribute_error_of_an_app_says_what_went_wrong(web: Any) -> None:
    class Shop(web.Flask):  # type: ignore[misc]
        jinja_options = MappingProxyType({"extensions": ["jinja2.ext.none"]})

        def __init__(self) -> None:
            with pytest.raises(AttributeError, match="no attribute 'early'"):
                self.early  # noqa: B018
            super().__init__("shop")

        @property
        def broken(self) -> Any:
            return [].broke  # type: ignore[attr-defined]

    app = Shop()
    with pytest.raises(AttributeError, match="'list' object has no attribute 'broke'"):
        app.broken  # noqa: B018
    with pytest.raises(AttributeError, match=r"'jinja2\.ext' has no attribute 'none'"):
        app.jinja_env  # noqa: B018
    assert copy.copy(app).name == "shop"


def test_names_of_the_real_flask_are_explained_where_they_are_unbound(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = MiniFlask("shop")

    class View(flask.views.View):  # type: ignore[misc, name-defined]
        def dispatch_request(self) -> str:
            return "never"

    app.add_url_rule("/view", view_func=View.as_view("view"))
    app.add_url_rule("/path", "path", lambda: flask.request.path)
    app.add_url_rule("/other", "other", lambda: [][0])
    client = app.test_client()
    for path, is_explained in {"/view": True, "/path": True, "/other": False}.items():
        caplog.clear()
        assert client.get(path).status_code == 500
        assert ("This is a name of the real Flask" in caplog.text) is is_explained
        assert ("`python -m minictx.dropin`" in caplog.text) is is_explained
    with pytest.raises(RuntimeError) as raised, app.app_context():
        flask.current_app.name  # noqa: B018
    assert "This is a name of the real Flask" in raised.value.__notes__[0]
    app = MiniFlask("other")
    app.teardown_appcontext(lambda error: flask.g.pop("database", None))
    with pytest.raises(ExceptionGroup) as group, app.app_context():
        pass
    assert "This is a name of the real Flask" in group.value.exceptions[0].__notes__[0]
    app = MiniFlask("third")
    with pytest.raises(RuntimeError) as raised, app.app_context():
        minictx.web.request.path  # noqa: B018
    assert not hasattr(raised.value, "__notes__")
