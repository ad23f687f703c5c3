"""One stack says which request is answered, the other which app is at work: not the same.

Look for what lies on the two stacks (what was pushed last stands on the right), and for the
lines that say when an app context of the shop ends.

Question: why not put all four, request, session, current_app and g, on a single stack?
"""

from minictx.web import MiniFlask, current_app, request
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack

shop, blog = MiniFlask("shop"), MiniFlask("blog")


def show(where):
    """Print what is on the two stacks of this thread."""
    requests = [ctx.request.path for ctx in _request_ctx_stack]
    apps = [ctx.app.name for ctx in _app_ctx_stack]
    print(f"{where:<32}{' '.join(requests) or '-':<16}{' '.join(apps) or '-'}")


@shop.teardown_appcontext
def tell(error):
    print("    an app context of the shop ends")


@shop.route("/cakes")
def cakes():
    show("  in a view of the shop")
    return "cakes"


@shop.route("/news")
def news():
    show("  in another view of the shop")
    with blog.app_context():  # no request to the blog: a call of its functions
        show("    the shop uses the blog")
        print(f"      now request is {request.path}, current_app is {current_app.name}")
    blog.test_client().get("/posts")  # a request to the blog, while the shop waits for it
    show("  in the shop's view again")
    return "news"


@blog.route("/posts")
def posts():
    show("    the shop asks the blog")
    return "posts"


print(f"{'':<32}{'requests':<16}apps")
show("a script")
with shop.app_context():
    show("  with shop.app_context()")

for path in ("/cakes", "/news"):
    print(f"a request to {path}")
    shop.test_client().get(path)
show("the end")

# Answer: the two do not move together. A script has an app, but no request. And where a view
# uses the blog, the blog's context on a single stack would lie above the request and hide
# it. An app lives as long as the process; an app context says that it is at work now, and
# lives only as long as this work, so that what the work opens (a connection, kept in `g`) is
# closed when the work is done.
#
# Chapter: Contexts
# Topics: 8, 11 (docs/topics.md)
# Learners ask: 3, 14 (docs/topics.md)
#
# Output:
#                                 requests        apps
# a script                        -               -
#   with shop.app_context()       -               shop
#     an app context of the shop ends
# a request to /cakes
#   in a view of the shop         /cakes          shop
#     an app context of the shop ends
# a request to /news
#   in another view of the shop   /news           shop
#     the shop uses the blog      /news           shop blog
#       now request is /news, current_app is blog
#     the shop asks the blog      /news /posts    shop blog
#   in the shop's view again      /news           shop
#     an app context of the shop ends
# the end                         -               -
