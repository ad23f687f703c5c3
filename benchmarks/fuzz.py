"""Feed hostile input to all that reads any: nothing but clear errors may come of it.

Run it with ``uv run --group fuzz benchmarks/fuzz.py``. What takes bytes is then fed by
atheris, which is guided by what code an input reaches; without atheris, and for what takes
more than bytes, hypothesis makes the inputs. `tests/fuzz` has the targets, and a short form
of this, which always tries the same inputs. It prints how many inputs were tried, and for each
kind of failure one input, the shortest.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

from arguments import command, new_file, positive, positive_int, write_json

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for `tests`

BATCH = 1_000  # inputs that hypothesis makes before it forgets those it has tried
QUICK = 3.0  # seconds for each target
PATIENCE = 120.0  # seconds after the end, before a target counts as hanging


def main() -> int:
    """Run the targets one after the other, each in a process of its own."""
    options = read_options()
    if options.child:
        return run_child(options)
    from tests.fuzz.targets import TARGETS

    if unknown := set(options.target or ()) - set(TARGETS):
        print(f"no target is named {', '.join(unknown)}: there are {', '.join(TARGETS)}")
        return 2
    targets = [TARGETS[name] for name in options.target or TARGETS]
    shares = sum(1 / target.cost for target in targets)
    engine = "hypothesis" if options.plain or not has_atheris() else "atheris"
    print(f"{'target':<15}{'made by':<12}{'executions':>12}{'a second':>10}{'failures':>10}")

    def fuzz(target: Any) -> tuple[str, dict[str, Any]]:
        engine_here = engine if target.seeds else "hypothesis"
        executions, seconds = sys.maxsize, options.minutes * 60 * options.jobs / len(targets)
        if options.quick:
            seconds = QUICK
        elif options.executions:
            executions, seconds = int(options.executions / target.cost / shares), 1e6
        return engine_here, run_in_child(target.name, engine_here, executions, seconds)

    total, failures, rows = 0, [], []
    pool = ThreadPoolExecutor(options.jobs)
    for target, (engine_here, report) in zip(targets, pool.map(fuzz, targets), strict=True):
        done, took, found = report["executions"], report["seconds"], report["found"]
        row = f"{target.name:<15}{engine_here:<12}{done:>12,}{done / took:>10,.0f}"
        print(f"{row}{len(found):>10}", flush=True)
        rows.append({"target": target.name, "engine": engine_here, "executions": done})
        rows[-1] |= {"a second": round(done / took), "failures": len(found)}
        total += done
        failures += [(target.name, *each) for each in found]
    print(f"{'in all':<27}{total:>12,}{'':>10}{len(failures):>10}")
    if options.json:
        figures: dict[str, Any] = {"command": command("uv run --group fuzz benchmarks/fuzz.py")}
        figures |= {"python": platform.python_version(), "targets": rows}
        figures["machine"] = f"{platform.system()} {platform.machine()}"
        write_json(figures, options.json)
    for name, kind, text, trace in failures:
        print(f"\n{name}: {kind}\n  input: {text[:600]}\n{trace}")
    return 1 if failures else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--quick", action="store_true", help=f"{QUICK:g} seconds for each target")
    add("--minutes", type=positive, default=10.0, metavar="N", help="in all (default: 10)")
    add("--executions", type=positive_int, metavar="N", help="in all; what is slow gets fewer")
    add("--target", action="append", metavar="NAME", help="this one only; may be repeated")
    add("--jobs", type=positive_int, default=1, metavar="N", help="so many at a time")
    add("--plain", action="store_true", help="without atheris")
    add("--json", type=new_file, metavar="FILE", help="write the figures to a file")
    add("--child", nargs=5, help=argparse.SUPPRESS)
    return parser.parse_args()


def has_atheris() -> bool:
    return importlib.util.find_spec("atheris") is not None


def run_in_child(name: str, engine: str, executions: int, seconds: float) -> dict[str, Any]:
    """Return what the process has reported that ran the target."""
    with tempfile.TemporaryDirectory(prefix="minictx-fuzz-") as folder:
        report, log = Path(folder, "report.json"), Path(folder, "log")
        child = [sys.executable, __file__, "--child", name, engine, str(executions)]
        with log.open("wb") as file:
            subprocess.run(
                [*child, str(seconds), folder],
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": folder},  # it ends without tidying up
            )
        if report.exists():
            found: dict[str, Any] = json.loads(report.read_text("utf-8"))
            return found
        last = log.read_text("utf-8", "replace")[-4_000:]
        return {"executions": 0, "seconds": 1.0, "found": [["the process died", "?", last]]}


def run_child(options: argparse.Namespace) -> int:
    """Feed one target, in this process, until it is time to report and to end."""
    name, engine, executions, seconds, folder = options.child
    if engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["minictx", "werkzeug"]):
            from tests.fuzz.targets import TARGETS
    else:
        from tests.fuzz.targets import TARGETS
    from tests.fuzz.target import Findings

    findings, begin = Findings(TARGETS[name]), 0.0
    faulthandler.dump_traceback_later(float(seconds) + PATIENCE, exit=True)

    def try_one(given: Any) -> None:
        nonlocal begin
        begin = begin or monotonic()  # after the engine's preparations
        findings.try_one(given)
        took = monotonic() - begin
        if findings.executions >= int(executions) or took >= float(seconds):
            found = [[kind, *each] for kind, each in findings.found.items()]
            report = {"executions": findings.executions, "seconds": took, "found": found}
            Path(folder, "report.json").write_text(json.dumps(report), "utf-8")
            os._exit(0)  # neither engine would stop for less

    feed = feed_by_atheris if engine == "atheris" else feed_by_hypothesis
    feed(TARGETS[name], try_one, Path(folder))
    return 1


def feed_by_atheris(target: Any, try_one: Any, folder: Path) -> None:
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    options = ["-verbosity=0", "-max_len=1000", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_one)
    atheris.Fuzz()


def feed_by_hypothesis(target: Any, try_one: Any, folder: Path) -> None:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    first = int.from_bytes(os.urandom(6), "big")
    for number in count(first):
        batch = given(target.inputs)(try_one)
        batch = settings(
            max_examples=BATCH,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(seed(number)(batch))
        batch()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
