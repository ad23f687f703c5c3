"""A view that returns a generator is over before the first line of the generator runs.

Look for the order: the view returns, the context is torn down, the body is read.

Question: the generator knows its argument `name` to the end. Why not `request`, which was
bound when the generator was made?
"""

from minictx.web import MiniFlask, request, stream_with_context

app = MiniFlask("shop")


@app.after_request
def after(response):
    print("    the view has returned")
    return response


@app.teardown_request
def tear_down(error):
    print("    the context is torn down")


def body(name):
    print("    the body begins")
    yield name
    yield request.path


def body_of_values(name, path):
    print("    the body begins")
    yield name
    yield path


@app.route("/lost/<name>")
def lost(name):
    return body(name)  # nothing of body runs here: a generator waits until it is read


@app.route("/wrapped/<name>")
def wrapped(name):
    return stream_with_context(body(name))


@app.route("/values/<name>")
def values(name):
    return body_of_values(name, request.path)  # read here, in the view


def browse(path):
    print(path)
    try:
        for chunk in app.test_client().get(path).response:  # so a server reads the body
            print("    sent:", chunk.decode())
    except RuntimeError as error:
        print("    error:", str(error).splitlines()[0])


browse("/lost/tea")
browse("/wrapped/tea")
browse("/values/tea")

# Answer: the argument is kept by the generator. `request` is looked up on the stack each time,
# and when the second part is made, nothing lies there. stream_with_context puts the context
# back for each part. (Where it was forgotten, a browser gets 200, and half of the body.)
#
# Chapter: The life of a request
# Learners ask: 12 (docs/topics.md)
#
# Output:
# /lost/tea
#     the view has returned
#     the context is torn down
#     the body begins
#     sent: tea
#     error: Working outside of request context.
# /wrapped/tea
#     the view has returned
#     the body begins
#     sent: tea
#     sent: /wrapped/tea
#     the context is torn down
# /values/tea
#     the view has returned
#     the context is torn down
#     the body begins
#     sent: tea
#     sent: /values/tea
