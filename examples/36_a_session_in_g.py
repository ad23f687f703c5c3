"""What must happen after every request belongs in a teardown function.

Look for the answers to four orders, of which the second cannot be stored: there is tea.

Question: after_request stores what was ordered, and closes the session. Only one order is
wrong. Why do all that come after it fail as well?
"""

from services import engine, need

from minictx import get_ident
from minictx.web import MiniFlask, g

need("sqlalchemy")
from sqlalchemy import String
from sqlalchemy.orm import declarative_base, mapped_column, scoped_session, sessionmaker

Base = declarative_base()


class Order(Base):
    __tablename__ = "example_36"
    name = mapped_column(String(20), primary_key=True)  # not twice the same


def make_app():
    app = MiniFlask("shop")
    app.logger.disabled = True  # it would print every error with its traceback

    @app.before_request
    def open_session():
        g.session = sessions()  # g is new, the session may be the one of this thread's last

    @app.route("/order/<name>")
    def order(name):
        g.session.add(Order(name=name))
        return "ordered"

    @app.after_request
    def close_session(response):
        g.session.commit()
        g.session.close()
        return response

    @app.errorhandler(500)
    def internal_error(error):
        return type(error.original_exception).__name__, 500

    return app


def send_orders(title, app):
    print(title)
    Base.metadata.create_all(database)
    for name in ("tea", "tea", "cake", "milk"):
        response = app.test_client().get(f"/order/{name}")
        print(f"    {name:<5} {response.status_code} {response.text}")
    sessions.remove()
    Base.metadata.drop_all(database)


database = engine()
sessions = scoped_session(sessionmaker(database), scopefunc=get_ident)
broken, repaired = make_app(), make_app()
repaired.teardown_request(lambda error: sessions.remove())  # closes it, after a rollback

send_orders("closed in after_request", broken)
send_orders("and removed in teardown_request", repaired)
database.dispose()

# Answer: a commit that fails leaves its session broken until a rollback, and close() is not
# reached. Later requests on this thread get the same session. Teardown functions run
# whatever happens, and each of them, even if another fails: close it there.
#
# Chapter: Databases
# Topics: 22 (docs/topics.md)
# Learners ask: 11 (docs/topics.md)
#
# Output:
# closed in after_request
#     tea   200 ordered
#     tea   500 IntegrityError
#     cake  500 PendingRollbackError
#     milk  500 PendingRollbackError
# and removed in teardown_request
#     tea   200 ordered
#     tea   500 IntegrityError
#     cake  200 ordered
#     milk  200 ordered
