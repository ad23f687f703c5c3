"""The top of a module runs once, before there is a request; a view runs in each request.

Look for the same three lookups, made while this file is read, and then made by a view.

Question: `request` can be imported, named and printed before any request comes. What is it
then, and why is it an error to read `request.path`?
"""

from minictx.web import MiniFlask, current_app, request

app = MiniFlask("shop")


def page():
    return request.path  # looked up when page() is called, wherever that may be


def attempt(title, read):
    """Print what ``read()`` returns, or the first line of the error that it raises."""
    try:
        print(f"    {title:<18}{read()}")
    except RuntimeError as error:
        print(f"    {title:<18}{str(error).splitlines()[0]}")


def look():
    attempt("request", lambda: repr(request))
    attempt("page()", page)
    attempt("current_app.name", lambda: current_app.name)


print("while the module is read:")
look()

try:

    @app.route("/tea")
    def tea(path=request.path):  # a default value is computed here and now, too
        return path

except RuntimeError as error:
    print("    def tea(...)     ", str(error).splitlines()[0])


@app.route("/cakes")
def cakes():
    print("in a view:")
    look()
    return "cakes"


app.test_client().get("/cakes")

print("and all that the error says:")
try:
    print(current_app.name)
except RuntimeError as error:
    for line in str(error).splitlines():
        print(f"    {line}".rstrip())

# Answer: `request` is a proxy: it stands for the request that is answered now. The proxy is
# there from the import on, but as long as there is no request it stands for nothing: it is
# unbound. So read it in functions, and call them in a view. `current_app` is unbound as
# well; where a module has the app itself, as here, it can use that: app.name.
#
# Chapter: Contexts
# Topics: 10 (docs/topics.md)
# Learners ask: 1 (docs/topics.md)
#
# Output:
# while the module is read:
#     request           <LocalProxy unbound>
#     page()            Working outside of request context.
#     current_app.name  Working outside of application context.
#     def tea(...)      Working outside of request context.
# in a view:
#     request           <Request 'http://localhost/cakes' [GET]>
#     page()            /cakes
#     current_app.name  shop
# and all that the error says:
#     Working outside of application context.
#
#     `current_app` belongs to one app, and none is active in this thread
#     (or greenlet). It is bound
#       - during a request: in a view function, and in everything that it calls;
#       - in a script, a shell or a test: with app.app_context(): ...
#     In a thread that a view starts, no app is active: pass it the app itself,
#     current_app._get_current_object(), for: with app.app_context(): ....
