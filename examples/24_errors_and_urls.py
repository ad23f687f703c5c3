"""A view raises an error, or asks for a URL; what happens then is decided in one place.

Look for which errors are logged, and for what changes in the URL of a static file.

Question: a browser may keep cakes.css for a year and not ask again. How does it learn, the
minute the file is changed, that there is a new one?
"""

import logging
import tempfile
from pathlib import Path

from minictx.web import MiniFlask, abort, url_for

folder = tempfile.TemporaryDirectory()
app = MiniFlask("shop", static_folder=folder.name, static_url_path="/static")


class OneLine(logging.Handler):
    def emit(self, record):
        print(f"    {record.levelname} of {record.name}: {record.getMessage()}")
        if record.exc_info:  # logging's own handlers write the whole traceback
            print(f"    {record.exc_info[1]!r}")


logging.getLogger(app.name).addHandler(OneLine())  # the one that app.logger is


class SoldOutError(Exception):
    pass


@app.route("/buy/<thing>/<int:number>")
def buy(thing, number):
    if thing != "cake":
        abort(404)  # raises an error, too
    if number > 10:
        raise SoldOutError(thing)
    app.logger.warning("one for %.2f", 30 / number)
    return "bought"


@app.errorhandler(404)
def not_found(error):
    return f"we have only cake ({error.name})", 404


@app.errorhandler(SoldOutError)  # and what inherits from it
def sold_out(error):
    return f"no {error} left", 410


@app.errorhandler(500)  # whatever no other handler has answered
def failed(error):
    return f"our fault: {type(error.original_exception).__name__}", 500


for path in ("/buy/cake/3", "/buy/tea/1", "/buy/cake/11", "/buy/cake/0"):
    print(path)
    answer = app.test_client().get(path)
    print(f"    {answer.status_code} {answer.text}")

with app.test_request_context(), folder:  # the folder is deleted at the end
    print(url_for("buy", thing="cake", number=3, page=2, _anchor="top"))
    for colour in ("red", "blue"):
        Path(folder.name, "cakes.css").write_text(f"h1 {{ color: {colour} }}")
        print(url_for("static", filename="cakes.css"))

# Answer: `v` is made of what the file holds: the next page has another URL, which the browser
# has to ask for. (Flask itself has no such `v`.) An error that was expected is an answer:
# only the other kind is logged as an ERROR, by the app itself.
#
# Chapter: The life of a request
# Topics: 15 (docs/topics.md)
#
# Output:
# /buy/cake/3
#     WARNING of shop: one for 10.00
#     200 bought
# /buy/tea/1
#     404 we have only cake (Not Found)
# /buy/cake/11
#     410 no cake left
# /buy/cake/0
#     ERROR of shop: Exception on /buy/cake/0 [GET]
#     ZeroDivisionError('division by zero')
#     500 our fault: ZeroDivisionError
# /buy/cake/3?page=2#top
# /static/cakes.css?v=b534a6d4
# /static/cakes.css?v=b76fab04
