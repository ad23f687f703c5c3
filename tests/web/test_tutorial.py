"""A tutorial's app runs on MiniFlask when one line is changed, and answers the same."""

from __future__ import annotations

import importlib.util
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from tests.web.harness import needs_flask_3_1_3

SCHEMA = """
CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, password TEXT NOT NULL);
CREATE TABLE note (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES user (id),
                   title TEXT NOT NULL, body TEXT NOT NULL);
"""

SOURCE = '''
import functools
import sqlite3

from flask import Flask, abort, current_app, flash, g, redirect, \\
    render_template_string, request, session, url_for

app = Flask(__name__)
app.config.from_mapping(SECRET_KEY="dev", DATABASE="notes.sqlite", NOTES_PER_PAGE=2)

PAGE = """<!doctype html>
<title>{% block title %}Notes{% endblock %}</title>
<nav>{% if g.user %}{{ g.user.name }} <a href="{{ url_for('logout') }}">Log out</a>
{%- else %}<a href="{{ url_for('login', next=request.path) }}">Log in</a>{% endif %}</nav>
{% for category, text in get_flashed_messages(with_categories=true) %}
<p class="{{ category }}">{{ text }}</p>
{% endfor %}
"""

INDEX = PAGE + """
<ul>{% for note in notes %}
<li><a href="{{ url_for('show', id=note.id, _anchor='body') }}">{{ note.title }}</a>
  by {{ note.name }}: {{ note.body|first_line }}
{%- endfor %}</ul>
{% if more %}<a href="{{ url_for('index', page=page + 1) }}">more</a>{% endif %}
<p>{{ site_name }}, {{ config.NOTES_PER_PAGE }} a page</p>
"""

SHOW = PAGE + """
<h1>{{ note.title }}</h1>
<p id="body">{{ note.body }}</p>
{{ {"id": note.id, "title": note.title}|tojson }}
"""

FORM = PAGE + """
<form method="post">
<input name="{{ field }}" value="{{ request.form.get(field, '') }}">
</form>
"""


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


def init_db():
    with current_app.open_resource("schema.sql") as schema:
        get_db().executescript(schema.read().decode("utf-8"))


@app.teardown_appcontext
def close_db(error):
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.before_request
def load_user():
    g.user = None
    if "user_id" in session:
        g.user = get_db().execute(
            "SELECT * FROM user WHERE id = ?", [session["user_id"]]
        ).fetchone()


@app.after_request
def count_changes(response):
    response.headers["X-Changes"] = str(get_db().total_changes)
    return response


@app.context_processor
def name_the_site():
    return {"site_name": current_app.name.partition("_")[0]}


@app.template_filter()
def first_line(text):
    return text.splitlines()[0]


@app.errorhandler(404)
def not_found(error):
    return render_template_string(PAGE + "<h1>Nothing here</h1>"), 404


@app.errorhandler(sqlite3.IntegrityError)
def taken(error):
    flash("That name is taken.", "error")
    return redirect(url_for("register"))


def login_required(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            flash("Log in first.")
            return redirect(url_for("login", next=request.full_path))
        return view(**kwargs)

    return wrapped


@app.route("/")
def index():
    page, size = request.args.get("page", 1, type=int), app.config["NOTES_PER_PAGE"]
    notes = get_db().execute(
        "SELECT note.*, user.name FROM note JOIN user ON author = user.id"
        " ORDER BY note.id LIMIT ? OFFSET ?", [size + 1, (page - 1) * size]
    ).fetchall()
    return render_template_string(INDEX, notes=notes[:size], more=len(notes) > size, page=page)


@app.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "POST":
        get_db().execute(
            "INSERT INTO user (name, password) VALUES (?, ?)",
            [request.form["name"], request.form["password"]],
        )
        get_db().commit()
        flash("Welcome!", "success")
        return redirect(url_for("login"))
    return render_template_string(FORM, field="name")


@app.route("/login", methods=("GET", "POST"))
def login():
    if request.method == "POST":
        user = get_db().execute(
            "SELECT * FROM user WHERE name = ?", [request.form["name"]]
        ).fetchone()
        if user is None or user["password"] != request.form["password"]:
            flash("Wrong name or password.", "error")
            return render_template_string(FORM, field="name"), 401
        session.clear()
        session["user_id"] = user["id"]
        session.permanent = "remember" in request.form
        return redirect(request.args.get("next") or url_for("index"))
    return render_template_string(FORM, field="name")


@app.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


@app.route("/new", methods=["GET", "POST"])
@login_required
def new():
    if request.method == "POST":
        row = get_db().execute(
            "INSERT INTO note (author, title, body) VALUES (?, ?, ?)",
            [g.user["id"], request.form["title"], request.form["body"]],
        )
        get_db().commit()
        return redirect(url_for("show", id=row.lastrowid))
    return render_template_string(FORM, field="title")


def get_note(id):
    note = get_db().execute("SELECT * FROM note WHERE id = ?", [id]).fetchone()
    if note is None:
        abort(404)
    return note


@app.route("/note/<int:id>")
def show(id):
    return render_template_string(SHOW, note=get_note(id))


@app.route("/note/<int:id>/delete", methods=["POST"])
@login_required
def delete(id):
    if get_note(id)["author"] != g.user["id"]:
        abort(403, "This note is not yours.")
    get_db().execute("DELETE FROM note WHERE id = ?", [id])
    get_db().commit()
    flash(f"Note {id} is gone.")
    return redirect(url_for("index"))


@app.route("/api/notes/")
def api():
    notes = get_db().execute("SELECT id, title FROM note ORDER BY id").fetchall()
    return {"notes": [dict(note) for note in notes], "user": g.user and g.user["name"]}
'''

OURS = SOURCE.replace("from flask import Flask,", "from minictx.web import Flask,")

ALICE = {"name": "alice", "password": "open sesame"}
BOB = {"name": "bob <b>", "password": "secret"}

STEPS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/", {}),
    ("GET", "/register", {}),
    ("POST", "/register", ALICE),
    ("POST", "/register", BOB),
    ("POST", "/register", ALICE),
    ("GET", "/register", {}),
    ("POST", "/login", {"name": "alice", "password": "wrong"}),
    ("POST", "/login", {"name": "alice"}),
    ("POST", "/login", {"password": "open sesame"}),
    ("GET", "/new?draft=1", {}),
    ("GET", "/login", {}),
    ("POST", "/login?next=/new", {**ALICE, "remember": "yes"}),
    ("GET", "/new", {}),
    ("POST", "/new", {"title": "First", "body": "Hello.\nThere is more."}),
    ("POST", "/new", {"title": "<script>", "body": "& so on"}),
    ("POST", "/new", {"title": "Ünïcode", "body": "日本語"}),
    ("GET", "/note/1", {}),
    ("GET", "/note/2", {}),
    ("GET", "/", {}),
    ("GET", "/?page=2", {}),
    ("HEAD", "/?page=2", {}),
    ("GET", "/?page=x", {}),
    ("GET", "/logout", {}),
    ("POST", "/note/1/delete", {}),
    ("POST", "/login", BOB),
    ("GET", "/", {}),
    ("POST", "/note/1/delete", {}),
    ("POST", "/note/99/delete", {}),
    ("GET", "/note/1/delete", {}),
    ("OPTIONS", "/new", {}),
    ("GET", "/api/notes", {}),
    ("GET", "/api/notes/", {}),
    ("GET", "/logout", {}),
    ("POST", "/login", ALICE),
    ("POST", "/note/1/delete", {}),
    ("GET", "/", {}),
    ("GET", "/", {}),
    ("GET", "/note/1", {}),
    ("GET", "/note/one", {}),
    ("GET", "/nowhere", {}),
]


def run(framework: str, folder: Path) -> Any:
    """Write the app to a folder, import it, and return what each step was answered with."""
    name = f"notes_{framework.partition('.')[0]}"
    (folder / f"{name}.py").write_text(SOURCE if framework == "flask" else OURS, "utf-8")
    (folder / "schema.sql").write_text(SCHEMA, "utf-8")
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        app: Any = module.app
        app.config.from_mapping(DATABASE=str(folder / f"{name}.sqlite"))
        with app.app_context():
            module.init_db()
        client = app.test_client()
        return [describe(app, client.open(path, method=m, data=d)) for m, path, d in STEPS]
    finally:
        del sys.modules[name]


def describe(app: Any, response: Any) -> dict[str, Any]:
    """Return all of a response: its cookies by content, as the signature holds the time."""
    headers = [pair for pair in sorted(response.headers) if pair[0] != "Set-Cookie"]
    cookies = {}
    for header in response.headers.getlist("Set-Cookie"):
        for name, cookie in SimpleCookie(header).items():
            attributes = {key: value for key, value in cookie.items() if value}
            if "max-age" not in attributes:  # it is not being deleted
                attributes["expires"] = "expires" in attributes
            signer = app.session_interface.get_signing_serializer(app)
            cookies[name] = attributes, cookie.value and signer.loads(cookie.value)
    return {
        "status": response.status,
        "headers": headers,
        "cookies": cookies,
        "text": response.text,
    }


def test_the_app_is_changed_in_one_line() -> None:
    lines = zip(SOURCE.splitlines(), OURS.splitlines(), strict=True)
    [(theirs, ours)] = [(line, other) for line, other in lines if line != other]
    assert theirs.startswith("from flask import Flask, ")
    assert ours.startswith("from minictx.web import Flask, ")
    assert "flask" not in OURS


def test_it_answers_the_same_as_on_flask(tmp_path: Path) -> None:
    pytest.importorskip("flask")
    needs_flask_3_1_3()
    ours, theirs = run("minictx.web", tmp_path), run("flask", tmp_path)
    for step, our_answer, their_answer in zip(STEPS, ours, theirs, strict=True):
        assert (step, our_answer) == (step, their_answer)


def test_what_it_answers_is_what_was_meant(tmp_path: Path) -> None:
    """Two frameworks that are wrong in the same way would be equal too."""
    transcript = run("minictx.web", tmp_path)
    statuses = {answer["status"][:3] for answer in transcript}
    assert statuses == {"200", "302", "308", "400", "401", "403", "404", "405"}
    steps = [f"{method} {path}" for method, path, _ in STEPS]
    answers = dict(zip(steps, transcript, strict=True))
    assert "Nothing here" in answers["GET /nowhere"]["text"]
    assert "&lt;script&gt;" in answers["GET /note/2"]["text"]
    assert "\\u003cscript\\u003e" in answers["GET /note/2"]["text"]
    assert answers["GET /api/notes/"]["text"] == (
        '{"notes":[{"id":1,"title":"First"},{"id":2,"title":"<script>"},'
        '{"id":3,"title":"\\u00dcn\\u00efcode"}],"user":"bob <b>"}\n'
    )
    assert answers["POST /login?next=/new"]["cookies"]["session"] == (
        {"expires": True, "httponly": True, "path": "/"},
        {"user_id": 1, "_permanent": True},
    )
