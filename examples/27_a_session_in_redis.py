"""The session is kept in Redis; the cookie has only a random id, by which it is found.

Look for what is stored after each request, and for when it changes.

Question: a thief has a copy of alice's cookie. What is it worth before she logs out,
and what after?
"""

import uuid

import services

from minictx.web import MiniFlask, ServerSideSessionInterface, session

redis = services.redis_client()
prefix = f"minictx-example-{uuid.uuid4()}:"  # for the keys of this run, and of no other

app = MiniFlask("shop")
app.session_interface = ServerSideSessionInterface(redis, prefix)  # needs no secret key
browsers = {"alice": app.test_client(), "thief": app.test_client()}


@app.route("/login")
def login():
    session.update(user="alice", cart=["pie"])
    return show()


@app.route("/add/<how>")
def add(how):
    session["cart"].append("tea")
    if how == "noticed":
        session.modified = True
    return show()


@app.route("/logout")
def logout():
    session.clear()
    return show()


@app.route("/show")
def show():
    return f"{session.get('user')} {session.get('cart')}"


def stored():
    return {key.decode(): redis.get(key).decode() for key in redis.scan_iter(f"{prefix}*")}


def browse(who, path):
    print(f"{who} {path:<12} {browsers[who].get(path).text:<20}", *stored().values() or "-")


print(f"{'':<18} {'the view sees':<20} stored afterwards")
try:
    for path in ("/login", "/add/quietly", "/show", "/add/noticed"):
        browse("alice", path)
    cookie = browsers["alice"].get_cookie("session").value
    print("stored under our prefix and the cookie:", prefix + cookie in stored())
    print("for so many days:", round(redis.ttl(prefix + cookie) / (24 * 60 * 60)))
    browsers["thief"].set_cookie("session", cookie)
    browse("thief", "/show")
    browse("alice", "/logout")
    browse("thief", "/show")
finally:
    for key in stored():
        redis.delete(key)
    redis.close()

# Answer: alice's session, and then nothing, as there is nothing to be found by it. (If the
# data were in the cookie, the copy would stay valid.) A change inside of a value is not seen
# here either. The price: each request asks Redis.
#
# Chapter: The life of a request
# Topics: 13 (docs/topics.md)
# Learners ask: 15 (docs/topics.md)
#
# Output:
#                    the view sees        stored afterwards
# alice /login       alice ['pie']        {"user":"alice","cart":["pie"]}
# alice /add/quietly alice ['pie', 'tea'] {"user":"alice","cart":["pie"]}
# alice /show        alice ['pie']        {"user":"alice","cart":["pie"]}
# alice /add/noticed alice ['pie', 'tea'] {"user":"alice","cart":["pie","tea"]}
# stored under our prefix and the cookie: True
# for so many days: 31
# thief /show        alice ['pie', 'tea'] {"user":"alice","cart":["pie","tea"]}
# alice /logout      None None            -
# thief /show        None None            -
