"""What comes after the view runs in the reverse order; teardown runs whatever fails.

Look for which of the functions A and B ran of each kind, and in which order. "told" is what
the teardown functions were given: the error that ended the request.

Question: a connection is opened by before_request A and given back by after_request A. After
which of these requests is it not given back?
"""

from minictx.web import MiniFlask, request

app = MiniFlask("shop")
app.logger.disabled = True  # the errors here are meant
COLUMNS = "{:<16} {:<6} {:<5} {:<6} {:<9} {:<16}{}".format
ran = {"before": "", "view": "", "after": "", "teardown": "", "told": ""}


def step(kind, name):
    """Note that this function runs, and let it fail if the URL says so."""
    ran[kind] += f"{name} "
    if request.args.get("fails") == f"{kind} {name}":
        raise ValueError(name)


def register(name):
    @app.before_request
    def before():
        step("before", name)
        if request.args.get("answers") == f"before {name}":
            return "not today"  # whatever is not None is the answer

    @app.after_request
    def after(response):
        step("after", name)
        return response

    @app.teardown_request
    def teardown(error):
        ran["told"] = repr(error)
        step("teardown", name)


@app.route("/")
def cakes():
    step("view", "V")
    return "cakes"


def browse(title, path):
    ran.update(dict.fromkeys(ran, ""))
    try:
        answer = app.test_client().get(path).status_code
    except (ExceptionGroup, ValueError) as error:
        answer = type(error).__name__
    print(COLUMNS(title, *(text.strip() or "-" for text in ran.values()), answer))


register("A")
register("B")
print(COLUMNS("", *ran, "answer"))
browse("all goes well", "/")
browse("before A answers", "/?answers=before A")
browse("before A fails", "/?fails=before A")
browse("the view fails", "/?fails=view V")
browse("there is no view", "/nowhere")
browse("after B fails", "/?fails=after B")
browse("teardown B fails", "/?fails=teardown B")
app.testing = True  # errors are raised, not answered with 500
browse("view, in a test", "/?fails=view V")

# Answer: where after B fails (it runs again for the answer 500, and fails again), and where
# an error is raised instead of answered. So what must happen in any case belongs into a
# teardown function. All of these run, even where one fails; Flask 3.1 skips the rest.
#
# Chapter: The life of a request
# Topics: 14 (docs/topics.md)
# Learners ask: 11 (docs/topics.md)
#
# Output:
#                  before view  after  teardown  told            answer
# all goes well    A B    V     B A    B A       None            200
# before A answers A      -     B A    B A       None            200
# before A fails   A      -     B A    B A       ValueError('A') 500
# the view fails   A B    V     B A    B A       ValueError('V') 500
# there is no view A B    -     B A    B A       None            404
# after B fails    A B    V     B B    B A       ValueError('B') 500
# teardown B fails A B    V     B A    B A       None            ExceptionGroup
# view, in a test  A B    V     -      B A       ValueError('V') ValueError
