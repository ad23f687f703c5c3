"""The session is in a cookie: anyone can read it, and only the app can change it.

Look for what can be read without the secret key, for what a changed cookie is worth, and
for the cart after three kinds of adding to it.

Question: `session["cart"].append("tea")` raises no error. Why is the tea gone in the next
request?
"""

import base64

from minictx.web import MiniFlask, session

app = MiniFlask("shop")
app.secret_key = "only for this example"  # with it, anyone can sign: keep it secret


@app.route("/login")
def login():
    session["user"] = "alice"
    session["cart"] = ["cake"]
    return show()


@app.route("/append")
def append():
    session["cart"].append("tea")
    return show()


@app.route("/append-and-tell")
def append_and_tell():
    session["cart"].append("tea")
    session.modified = True
    return show()


@app.route("/set")
def set_anew():
    session["cart"] = [*session["cart"], "milk"]
    return show()


@app.route("/show")
def show():
    return f"{session.get('user')}, {session.get('cart')}"


def browse(path):
    answer = browser.get(path)
    saved = "a new cookie" if "Set-Cookie" in answer.headers else "no cookie"
    print(f"{path:<17} {answer.text:<32} {saved}")


browser = app.test_client()
for path in ("/login", "/append", "/show", "/append-and-tell", "/show", "/set"):
    browse(path)

print("\nin the cookie, without the key:")
data, time, signature = browser.get_cookie("session").value.split(".")
text = base64.urlsafe_b64decode(data + "==").decode()  # base64 ends with padding
print("   ", text)

print("\nand with bob in the place of alice:")
data = base64.urlsafe_b64encode(text.replace("alice", "bob").encode()).decode().rstrip("=")
browser.set_cookie("session", f"{data}.{time}.{signature}")
browse("/show")

# Answer: the session notices when one of its own keys is set or deleted. The list does not
# know that it lies in a session, so no cookie is sent. Set the key anew, or say
# `session.modified = True`. And the signature is made of the data and the secret key: for
# other data it is wrong, and the session is empty. What must stay secret goes elsewhere.
#
# Chapter: The life of a request
# Topics: 13 (docs/topics.md)
# Learners ask: 15 (docs/topics.md)
#
# Output:
# /login            alice, ['cake']                  a new cookie
# /append           alice, ['cake', 'tea']           no cookie
# /show             alice, ['cake']                  no cookie
# /append-and-tell  alice, ['cake', 'tea']           a new cookie
# /show             alice, ['cake', 'tea']           no cookie
# /set              alice, ['cake', 'tea', 'milk']   a new cookie
#
# in the cookie, without the key:
#     {"user":"alice","cart":["cake","tea","milk"]}
#
# and with bob in the place of alice:
# /show             None, None                       no cookie
