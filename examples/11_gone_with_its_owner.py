"""What is in a Local is gone with its greenlet or thread; who lives on must release it.

Look for what is still stored after each pair of jobs, and for what the second of them finds.

Question: the pool has one thread, and two jobs that know nothing of each other. Why does
the second job see alice, where a second greenlet or a new thread sees nobody?
"""

import threading
from concurrent.futures import ThreadPoolExecutor

from greenlet import greenlet

from minictx import Local, LocalManager

local = Local()
manager = LocalManager([local])


def job(user):
    """Look who is stored already, and then store another one."""
    print(f"    finds {getattr(local, 'user', 'nobody')}, stores {user}")
    local.user = user


def careful_job(user):
    """Do the same, and release everything at the end, also after an error."""
    try:
        job(user)
    finally:
        manager.cleanup()  # release_local(local), for each Local of the manager


def in_greenlet(user):
    greenlet(job).switch(user)  # runs the job at once, to its end


def in_thread(user):
    thread = threading.Thread(target=job, args=(user,))
    thread.start()
    thread.join()


def show(title, run):
    print(title)
    for user in ("alice", "bob"):
        run(user)
    print("    stored afterwards:", list(local.__storage__.values()))


show("a new greenlet for each job", in_greenlet)
show("a new thread for each job", in_thread)
with ThreadPoolExecutor(max_workers=1) as pool:
    show("a pool, one thread for all jobs", lambda user: pool.submit(job, user).result())
with ThreadPoolExecutor(max_workers=1) as pool:
    show("a pool, and each job cleans up", lambda user: pool.submit(careful_job, user).result())
print("the pools have ended")
print("    stored afterwards:", list(local.__storage__.values()))

# Answer: a Local goes by who is running, and in a pool that is one and the same thread, job
# after job; web servers work so, too. What belongs to a job must go when the job is done:
# release_local or LocalManager.cleanup in a `finally`. (Flask's contexts are popped there.)
#
# Chapter: Local
#
# Output:
# a new greenlet for each job
#     finds nobody, stores alice
#     finds nobody, stores bob
#     stored afterwards: []
# a new thread for each job
#     finds nobody, stores alice
#     finds nobody, stores bob
#     stored afterwards: []
# a pool, one thread for all jobs
#     finds nobody, stores alice
#     finds alice, stores bob
#     stored afterwards: [{'user': 'bob'}]
# a pool, and each job cleans up
#     finds nobody, stores alice
#     finds nobody, stores bob
#     stored afterwards: []
# the pools have ended
#     stored afterwards: []
