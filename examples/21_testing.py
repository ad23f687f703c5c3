"""A test makes the context that the code needs: an app context, a request, or a whole visit.

Look for the two tests that fail, and for how many app contexts have ended in each test.

Question: `client.get("/login")` is over when it returns. Why can a test still read the
session after it, but only in a `with` block?
"""

from minictx.web import MiniFlask, current_app, request, session

app = MiniFlask("shop")
app.secret_key = "only for this example"
app.testing = True  # an error in a view is raised in the test, and not answered with 500
ended = []
app.teardown_appcontext(ended.append)  # called, with an error or None, when one ends


def title():
    return f"the {current_app.name}"


def page_number():
    return int(request.args.get("page", 1))


@app.route("/login")
def login():
    session["user"] = request.args["name"]
    return f"hello {session['user']}"


def test_no_context():
    assert title() == "the shop"


def test_app_context():
    with app.app_context():
        assert title() == "the shop"


def test_request():
    with app.test_request_context("/cakes?page=2"):
        assert page_number() == 2


def test_client():
    answer = app.test_client().get("/login?name=alice")
    assert answer.text == "hello alice"
    assert session["user"] == "alice"


def test_with_client():
    with app.test_client() as client:
        client.get("/login?name=alice")
        assert session["user"] == "alice"


# pytest would find the tests by their names, and tell more.
for test in (test_no_context, test_app_context, test_request, test_client, test_with_client):
    ended.clear()
    try:
        test()
        result = "passes"
    except RuntimeError as error:
        result = str(error).splitlines()[0]
    print(f"{test.__name__:<18}{len(ended)} ended: {result}")

# Answer: at the end of a request its contexts are popped, and then `session` stands for
# nothing. In a `with` block the client pushes them once more, for the test to look at, until
# its next request or the end of the block. So they end twice, and teardown functions are
# called twice. Make the least that the code needs: a client is for what only a visit shows.
#
# Chapter: Contexts
# Learners ask: 10, 15 (docs/topics.md)
#
# Output:
# test_no_context   0 ended: Working outside of application context.
# test_app_context  1 ended: passes
# test_request      1 ended: passes
# test_client       1 ended: Working outside of request context.
# test_with_client  2 ended: passes
