"""A child task starts from its parent's values; what it sets then, the parent doesn't see.

Look for what the parent finds after its child has ended.

Question: the child works in a copy of the parent's context. How can it, all the same, take
away what the parent has pushed on a stack?
"""

import asyncio
from contextvars import ContextVar

from minictx import contextual

# A ContextVar has a value for each context, and each task has its own context.
user = ContextVar("user")
cart = ContextVar("cart")
pages = ContextVar("pages")  # a stack: a list in a ContextVar
stack = contextual.LocalStack()


async def set_value():
    print("    child finds ", user.get())
    user.set("bob")


async def change_list():
    cart.get().append("milk")


async def replace_list():
    cart.set([*cart.get(), "honey"])  # copy on write: a new list, in the child's context


async def pop_in_place():
    print("    child pops  ", pages.get().pop())


async def pop_of_a_copy():
    print("    child pops  ", stack.pop())


async def main():
    user.set("alice")
    print("a value")
    await asyncio.create_task(set_value())
    print("    parent finds", user.get())

    cart.set(["tea"])
    print("a list, changed in place")
    await asyncio.create_task(change_list())
    print("    parent finds", cart.get())
    print("a list, replaced by a longer one")
    await asyncio.create_task(replace_list())
    print("    parent finds", cart.get())

    pages.set(["parent's page"])
    print("a stack, changed in place")
    await asyncio.create_task(pop_in_place())
    print("    parent finds", pages.get())

    stack.push("parent's page")
    print("minictx.contextual.LocalStack")
    await asyncio.create_task(pop_of_a_copy())
    print("    parent finds", list(stack))


asyncio.run(main())

# Answer: the copy of a context is shallow: both contexts hold the same list, and whoever
# changes it changes it for both. What is replaced is safe, so put a new list in, as
# contextual.LocalStack does on push and on pop. (The LocalStack of werkzeug 2.0 and 2.1 did
# it on push only: a child's pop could take an item of its parent's.)
#
# Chapter: Why it changed
# Learners ask: 13 (docs/topics.md)
#
# Output:
# a value
#     child finds  alice
#     parent finds alice
# a list, changed in place
#     parent finds ['tea', 'milk']
# a list, replaced by a longer one
#     parent finds ['tea', 'milk']
# a stack, changed in place
#     child pops   parent's page
#     parent finds []
# minictx.contextual.LocalStack
#     child pops   parent's page
#     parent finds ["parent's page"]
