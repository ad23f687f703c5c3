"""The examples that start threads, processes and servers leave none of them behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis

from minictx.examples import FOLDER, Example

URL = "redis://127.0.0.1:6379/0"
CELERY, SERVERS = FOLDER / "39_a_celery_task.py", FOLDER / "40_four_servers.py"


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """A real Redis; the keys that Celery keeps of its queues are removed."""
    client = redis.Redis.from_url(URL)
    try:
        client.ping()
    except redis.RedisError as error:
        if os.environ.get("MINICTX_REQUIRE_SERVICES"):
            raise
        pytest.skip(f"there is no Redis: {error}")
    yield client
    for key in client.scan_iter("minictx-example:*"):
        client.delete(key)
    client.close()


def run(path: object, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(path)]
    env = {**os.environ, **environ}
    return subprocess.run(command, capture_output=True, text=True, env=env)


def processes() -> set[str]:
    """Return the command lines of all processes that belong to an example."""
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    names = (CELERY.stem, SERVERS.stem)
    return {line for line in lines.splitlines() if any(name in line for name in names)}


def test_a_task_is_done_by_a_real_worker_with_a_real_broker(broker: redis.Redis) -> None:
    done = run(CELERY, MINICTX_BROKER_URL=URL)
    assert (done.stdout, done.stderr) == (Example.read(CELERY).output, "")
    assert processes() == set()
    # What is left are Celery's notes on its queues: no task, no result.
    assert {key.split(b":")[1] for key in broker.scan_iter("minictx-example:*")} <= {
        b"_kombu.binding.celery",
        b"_kombu.binding_deadlines",
        b"_kombu.binding_permanent.celery",
    }


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://:secret@127.0.0.1:1/0", "Connection refused"),
        ("nothing://:secret@127.0.0.1", "No such transport: nothing"),
    ],
)
def test_a_wrong_broker_is_told_in_one_line(url: str, reason: str) -> None:
    done = run(CELERY, MINICTX_BROKER_URL=url)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("39_a_celery_task.py: cannot use the broker: ")
    assert reason in line
    assert "secret" not in line


def test_no_server_is_left_running() -> None:
    done = run(SERVERS)
    assert (done.stdout, done.stderr) == (Example.read(SERVERS).output, "")
    assert processes() == set()
