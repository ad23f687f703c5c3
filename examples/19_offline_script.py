"""A script has no request. It pushes an app context, and `current_app` and `g` work.

Look for `current_app` before, inside and between the `with` blocks, and for what happens
to `g` when the inner block ends.

Question: inside of `with shop.app_context():` a second app is entered, and left again. Why
does a stack give back the first one, where a single variable could not?
"""

from minictx.web import MiniFlask, current_app, g, request

shop, blog = MiniFlask("shop"), MiniFlask("blog")


def show(where):
    print(f"{where:<24} current_app: {current_app.name}, g.user: {g.get('user')}")


try:
    print(current_app.name)
except RuntimeError as error:
    print("outside of any context: ", str(error).splitlines()[0])

with shop.app_context():
    g.user = "alice"
    show("in the shop")
    with blog.app_context():
        show("in the blog")
        g.user = "bob"
    show("in the shop again")
    try:
        print(request.path)
    except RuntimeError as error:
        print("there is no request:    ", str(error).splitlines()[0])

print("at the end              ", repr(current_app))

# Answer: leaving the inner block takes its context off the stack, and what lies below is
# current again, with the g that it had. A variable would have to be told what to go back to.
#
# Chapter: Contexts
# Topics: 11 (docs/topics.md)
#
# Output:
# outside of any context:  Working outside of application context.
# in the shop              current_app: shop, g.user: alice
# in the blog              current_app: blog, g.user: None
# in the shop again        current_app: shop, g.user: alice
# there is no request:     Working outside of request context.
# at the end               <LocalProxy unbound>
