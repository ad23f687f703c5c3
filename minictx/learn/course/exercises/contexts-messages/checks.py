from types import SimpleNamespace

import contexts
import pytest
from contexts import AppContext, RequestContext
from local import release_local

from minictx.stage import run

TEXTS = {"current_app": "NO_APP", "g": "NO_APP", "request": "NO_REQUEST"}
MISSING = {"NO_APP": "application context", "NO_REQUEST": "request context"}
CONTEXTS = {"NO_APP": "AppContext(", "NO_REQUEST": "RequestContext("}


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stacks():
    yield
    release_local(contexts._request_ctx_stack)
    release_local(contexts._app_ctx_stack)


def make_app(name):
    return SimpleNamespace(name=name, teardown_request_funcs=[], teardown_appcontext_funcs=[])


def told_by(name):
    """Return the message of a proxy that must be unbound here."""
    try:
        found = getattr(contexts, name)._get_current_object()
    except RuntimeError as error:
        return str(error)
    except Exception as error:
        pytest.fail(
            f"{name} is unbound, and raised {type(error).__name__}: {error}: its"
            " unbound_message must come in a RuntimeError"
        )
    pytest.fail(f"no context of it is pushed, and {name} stands for {found!r}")


def filled(text, name):
    """Return NO_APP or NO_REQUEST with a name put in."""
    if not isinstance(getattr(contexts, text, None), str):
        pytest.fail(f"there is no text {text} in contexts.py: write it, above the proxies")
    try:
        return getattr(contexts, text).format(name=name)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        pytest.fail(
            f"{text}.format(name={name!r}) raised {type(error).__name__}: {error}: which braces"
            " are in the text, besides {name}?"
        )


@pytest.mark.parametrize("name", TEXTS)
def test_the_first_line_is_that_of_flask(name):
    told = told_by(name)
    first = told.partition("\n")[0]
    assert first.strip(), f"the message of {name} begins with an empty line: {told!r}"
    line = f"Working outside of {MISSING[TEXTS[name]]}."
    assert first.rstrip() == line, (
        f"{name} is unbound: the first line of its message must be exactly {line!r}, and it is"
        f" {first!r}"
    )


@pytest.mark.parametrize("text", MISSING)
def test_the_text_has_a_place_for_the_name(text):
    assert "counter" in filled(text, "counter"), (
        f"a proxy may have any name; with the name `counter` put in, {text} does not mention"
        f" `counter`: where is {{name}} in it? It says:\n{filled(text, 'counter')}"
    )


@pytest.mark.parametrize("name", TEXTS)
def test_the_message_names_the_proxy(name):
    told = told_by(name)
    assert "{name}" not in told, f"the message of {name} still has the place for it: {told!r}"
    assert told.strip() == filled(TEXTS[name], name).strip(), (
        f"the message of {name} is not {TEXTS[name]} with {name!r} put in. It says:\n{told}"
    )


@pytest.mark.parametrize("text", MISSING)
def test_the_text_says_how_to_get_a_context(text):
    told = filled(text, "counter")
    needed, other = CONTEXTS[text], next(each for each in CONTEXTS if each != text)
    assert needed in told or CONTEXTS[other] not in told, (
        f"{text} is for a missing {MISSING[text]}, but tells the reader to push"
        f" {CONTEXTS[other]}...): is that what the reader needs?"
    )
    assert needed in told, (
        f"{text} says that there is no {MISSING[text]}, but not how to push one: a reader"
        f" wants to copy the line. With the name `counter` put in, it says:\n{told}"
    )


def test_in_an_app_context_only_the_request_is_missing():
    with AppContext(make_app("shop")):
        told = told_by("request")
        bound = [name for name in ("current_app", "g") if is_bound(name)]
    assert MISSING["NO_REQUEST"] in told.partition("\n")[0], (
        f"an app context is pushed, and no request; `request` says {told!r}"
    )
    assert bound == ["current_app", "g"], (
        f"an app context is pushed; of current_app and g, these are bound: {bound}"
    )


def is_bound(name):
    return repr(getattr(contexts, name)) != "<LocalProxy unbound>"


def test_in_a_request_nothing_is_missing():
    with RequestContext(make_app("shop"), SimpleNamespace(path="/cart")):
        bound = {name: is_bound(name) for name in TEXTS}
    after = {name: is_bound(name) for name in TEXTS}
    assert all(bound.values()), f"in a request, some are unbound, the False ones: {bound}"
    assert not any(after.values()), f"after a request, some are still bound: {after}"


def test_a_thread_without_a_request_is_told_so():
    def t1():
        with RequestContext(make_app("shop"), SimpleNamespace(path="/cart")):
            yield
            return contexts.request.path

    def t2():
        return told_by("request")
        yield

    order = "T1 T2 T1"
    told = run(order, T1=t1, T2=t2).returned
    assert MISSING["NO_REQUEST"] in told["T2"], (
        f"T1 pushed a request at step 1 of {order!r}; T2, at step 2, has none, and was told"
        f" {told['T2']!r}"
    )
    assert told["T1"] == "/cart", (
        f"T1 pushed a request to '/cart' at step 1 of {order!r}, and at step 3 it reads"
        f" {told['T1']!r}"
    )
