# Says: prediction needs 7 answers
"""Predict: what is on top?

You fill in `prediction`, at the end. Do not change anything above it.
"""

from stack import LocalStack

stack = LocalStack()


def t1():
    stack.push("shop")
    yield stack.top
    stack.push("blog")
    yield stack.top
    stack.pop()
    yield stack.top
    stack.pop()
    stack.pop()
    yield list(stack)


def t2():
    stack.pop()
    yield stack.top
    mine = stack.push("wiki")
    mine.append("chat")
    yield stack.top
    stack.pop()
    yield list(stack)


ORDER = "T1 T2 T1 T2 T1 T2 T1"
THREADS = {"T1": t1, "T2": t2}

# What each of the seven steps yields: a string, None, or a list. Replace the dots.
prediction = ["shop", None, "blog", "chat", "shop", ["wiki"]]
