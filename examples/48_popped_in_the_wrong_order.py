"""Contexts are popped where they were pushed, the last one first: `with` sees to both.

Look for what lies on the stack of the thread after each step, and for what is torn down.

Question: the shop's context is popped while the blog's lies above it. What happens to the
blog's, and of what its teardown function should have closed?
"""

import threading

from minictx.web import MiniFlask
from minictx.web.globals import _app_ctx_stack


def make_app(name):
    app = MiniFlask(name)
    app.teardown_appcontext(lambda error: print(f"  torn down: {name}, told of {error!r}"))
    return app


def attempt(title, action):
    """Do something, and print what lies on this thread's stack after it, and its error."""
    said = ""
    try:
        action()
    except (AssertionError, ValueError) as error:
        said = f"  {type(error).__name__}: {str(error).partition(' (')[0]}"
    names = " ".join(ctx.app.name for ctx in _app_ctx_stack)
    print(f"{title:<24} stack: {names or '-'}{said}")


def sell_by_hand():
    forgotten.push()
    raise ValueError("no cake")
    forgotten.pop()  # is not reached


def sell_with():
    with shop.app_context(), blog.app_context():
        raise ValueError("no cake")


shop, blog = make_app("shop"), make_app("blog")

first, second = shop.app_context(), blog.app_context()
attempt("push the shop's", first.push)
attempt("push the blog's", second.push)
attempt("pop the shop's", first.pop)
attempt("pop the blog's", second.pop)

print()
attempt("push the shop's again", first.push)
thread = threading.Thread(target=attempt, args=("pop it in a thread", first.pop))
thread.start()
thread.join()
attempt("pop it here", first.pop)

print()
forgotten = shop.app_context()
attempt("an error, by hand", sell_by_hand)
attempt("pop what was forgotten", forgotten.pop)
attempt("an error, in a with", sell_with)

# Answer: it is taken off the stack as well, where it would stay current for ever. But it is
# not torn down, so what its function should have closed stays open: this is why the wrong
# pop is an error. Who pushes and pops by hand needs `try` and `finally`, too, or forgets the
# pop where something fails. `with` is shorter.
#
# Chapter: Pitfalls
#
# Output:
# push the shop's          stack: shop
# push the blog's          stack: shop blog
#   torn down: shop, told of None
# pop the shop's           stack: -  AssertionError: Popped wrong app context.
# pop the blog's           stack: -  AssertionError: Popped wrong app context.
#
# push the shop's again    stack: shop
# pop it in a thread       stack: -  AssertionError: Popped wrong app context.
#   torn down: shop, told of None
# pop it here              stack: -
#
# an error, by hand        stack: shop  ValueError: no cake
#   torn down: shop, told of None
# pop what was forgotten   stack: -
#   torn down: blog, told of ValueError('no cake')
#   torn down: shop, told of ValueError('no cake')
# an error, in a with      stack: -  ValueError: no cake
