"""A request pushes two contexts, opens the session, calls the view, saves, and pops again.

Look for what surrounds the view, inside of what. The lines come from a recording: `record`
notes each change of a Local, a stack or a context while its block runs.

Question: when must the session be saved: before the server gets the status and the headers
of the response, or after?
"""

from werkzeug.test import create_environ

from minictx import Local
from minictx.trace import record
from minictx.trace.words import describe
from minictx.web import MiniFlask, session

note = Local()  # whatever is set on it is recorded, too: a note between the events


class Shop(MiniFlask):
    def __call__(self, environ, start_response):
        note.now = "in __call__"
        return super().__call__(environ, start_response)

    def wsgi_app(self, environ, start_response):
        note.now = "in wsgi_app"
        return super().wsgi_app(environ, start_response)


app = Shop("shop")
app.secret_key = "only for this example"


@app.route("/cakes")
def cakes():
    session["seen"] = "cakes"
    return "cakes"


def start_response(status, headers):
    """Take the status and the headers, as the server does that gave us this function."""
    note.now = f"in start_response: {status}"
    note.headers = [name for name, value in headers]


with record() as trace:
    app(create_environ("/cakes"), start_response)  # what a server does for each request

depth = 0
for event in trace.events:
    if event["kind"] in ("begin", "left", "signal"):
        continue
    if event.get("phase") == "end":
        depth -= 1
    else:
        text = describe(trace, event, arrow="is").removesuffix(" begins")
        print("    " * depth + text)
    if event.get("phase") == "begin":
        depth += 1

# Answer: before, as the session cookie is one of the headers. So a body that is sent later, a
# stream, can read the session, but what it changes there is lost. Contexts are popped in the
# reverse order: what came first goes last. (The response asks current_app for the largest
# cookie that it may set.)
#
# Chapter: The life of a request
# Topics: 9 (docs/topics.md)
#
# Output:
# note.now = 'in __call__'
# note.now = 'in wsgi_app'
# push of the request context
#     push of the app context
#         push <AppContext of shop>
#     push <RequestContext '/cakes' of shop>
#     session opened: <SecureCookieSession {}>
# view cakes
#     session is <SecureCookieSession {}>
# current_app is <Shop 'shop'>
# current_app is <Shop 'shop'>
# session saved: <SecureCookieSession {'seen': 'cakes'}>
# note.now = 'in start_response: 200 OK'
# note.headers = ['Content-Type', 'Content-Length', 'Set-Cookie', 'Vary']
# pop of the request context
#     pop <RequestContext '/cakes' of shop>
#     pop of the app context
#         pop <AppContext of shop>
