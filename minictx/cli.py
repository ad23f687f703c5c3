"""The commands of ``minictx``. What they do is imported only when they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from minictx import __version__
from minictx.errors import MinictxError

__all__ = ["minictx"]


class Failure(click.ClickException):
    """What is wrong, as one line; the exit code is 2, as click has it for wrong usage."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the line."""
        click.echo(f"minictx: {self.message}", file=file, err=True)


class Minictx(click.Group):
    """The group of all commands; those of `minictx learn` are in a file of their own."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command: this is the one place where an error becomes a line."""
        try:
            return super().invoke(ctx)
        except MinictxError as error:
            raise Failure(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "learn"])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name != "learn":
            return super().get_command(ctx, name)
        from minictx.learn.commands import learn

        return learn


@click.group(cls=Minictx, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def minictx() -> None:
    """See how Flask's request, session, g and current_app work."""


@minictx.command()
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def demo(open_page: bool) -> None:
    """Show two requests at once, through the same four names."""
    from rich.console import Console

    from minictx import demo

    page = demo.new_page()
    status = demo.run(Console(highlight=False), page)
    if open_page and not page.exists():
        raise MinictxError(
            "there is no page to open: what it shows, two greenlets, was left out, or failed;"
            " the output says why"
        )
    if open_page:
        click.launch(page.as_uri())
    raise SystemExit(status)


@minictx.command()
@click.argument("target", metavar="FILE[:APP]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 picks one that is free.",
)
@click.option(
    "--threads/--greenlets",
    default=True,
    help="A thread for each request (werkzeug), or a greenlet (gevent).",
)
@click.option(
    "--allow-remote-debugging",
    is_flag=True,
    help="Serve an app in debug mode even where other machines may reach it.",
)
def run(target: str, host: str, port: int, threads: bool, allow_remote_debugging: bool) -> None:
    """Serve the app of a Python file.

    APP is the name of the MiniFlask app in FILE, "app" if it is not given.
    """
    from minictx.serve import load_app, serve_on_greenlets, serve_on_threads

    app = load_app(target)
    serve = serve_on_threads if threads else serve_on_greenlets
    serve(app, host, port, allow_remote_debugging)
    click.echo("stopped")


@minictx.command(context_settings={"allow_interspersed_args": False})
@click.option("--page", metavar="FILE", help="Write an HTML page that steps through it.")
@click.option("--chrome", metavar="FILE", help="Write it for Perfetto, or chrome://tracing.")
@click.option(
    "--json",
    metavar="FILE",
    help="Save it as JSON lines; - prints them, after what the script prints.",
)
@click.option("--plain", is_flag=True, help="Print a list, as a screen reader reads it.")
@click.option("--lines", is_flag=True, help="Record each line that runs, too.")
@click.option(
    "--limit",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="Stop recording after so many events.",
)
@click.option("--from", "source", metavar="FILE", help="Draw a trace that was saved.")
@click.option("-m", "is_module", is_flag=True, help="SCRIPT is the name of a module.")
@click.argument("target", metavar="SCRIPT", required=False)
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def trace(target: str | None, arguments: tuple[str, ...], **options: Any) -> None:
    """Run SCRIPT, and show what its locals, stacks, proxies and contexts do.

    Each process that SCRIPT forks writes a FILE of its own, with its number in the name; %p
    in FILE is that number.
    """
    from minictx.trace import command

    misplaced = [] if options["is_module"] else _misplaced(target, arguments)
    status = command.trace(command.Wish(target, list(arguments), **options))
    for name in misplaced:
        click.echo(f"minictx: {name} went to {target}: for trace, put it before", err=True)
    raise SystemExit(status)


def _misplaced(script: str | None, arguments: tuple[str, ...]) -> list[str]:
    """Return our options among a script's arguments, if it has no such word in it."""
    ours = {name for each in trace.params for name in each.opts if name.startswith("--")}
    given = [name for each in arguments if (name := each.partition("=")[0]) in ours]
    try:
        source = Path(script).read_text(errors="replace") if given and script else ""
    except OSError:  # running it has failed already, with a message
        return []
    return [name for name in given if name.strip("-") not in source]


@minictx.command(context_settings={"ignore_unknown_options": True})
@click.option("--trace", is_flag=True, help="Show every step, and write it as a page.")
@click.argument("number", required=False, type=int)
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def examples(number: int | None, arguments: tuple[str, ...], trace: bool) -> None:
    """List the examples, or run the one with this NUMBER.

    ARGS are passed on to it. The answer to its question is at the end of its file.
    """
    from rich.console import Console

    from minictx.examples import list_examples, run_example, trace_example

    console = Console(highlight=False)
    if number is None:
        list_examples(console)
        return
    run = trace_example if trace else run_example
    raise SystemExit(run(number, list(arguments), console))


class Compare(click.Group):
    """A group whose commands are the behaviours; they are looked at only when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from minictx.compare.locals.behaviours import BEHAVIOURS

        return [*super().list_commands(ctx), *BEHAVIOURS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command:
        if (command := super().get_command(ctx, name)) is not None:
            return command
        from minictx.compare.locals.results import find_behaviour

        return _command_of(find_behaviour(name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the behaviours of one topic below the other, each with its question."""
        from minictx.compare.locals.behaviours import TOPICS

        for topic in TOPICS:
            with formatter.section(topic.title):
                formatter.write_dl([(each.key, each.question) for each in topic.behaviours])
        with formatter.section("Flask"):
            formatter.write_dl([("flask", self.commands["flask"].get_short_help_str(100))])


def _command_of(behaviour: Any) -> click.Command:
    """Return the command that shows one behaviour."""
    options = [
        click.Option(["--of"], metavar="IMPLEMENTATION", help="Whose trace to show."),
        click.Option(["--page"], metavar="FILE", help="Write the trace as an HTML page."),
    ]

    def show(of: str | None, page: str | None) -> None:
        from minictx.compare.command import compare_one

        compare_one(behaviour.key, of, page)

    help = f"{behaviour.question}\n\n{behaviour.why}"
    return click.Command(behaviour.key, params=list(options), callback=show, help=help)


@minictx.group(cls=Compare, invoke_without_command=True, subcommand_metavar="[BEHAVIOUR]")
@click.option("--markdown", is_flag=True, help="Print Markdown tables.")
@click.option("--html", is_flag=True, help="Print an HTML page.")
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_context
def compare(ctx: click.Context, /, **forms: bool) -> None:
    """Run the same behaviours on every kind of context-local.

    Without a BEHAVIOUR, print all of them in a table. With one, print its code, what each
    implementation answers, and the trace of one that differs.
    """
    chosen = [form for form, is_chosen in forms.items() if is_chosen]
    if len(chosen) > 1:
        raise MinictxError(f"--{' and --'.join(chosen)} exclude each other: use one of them")
    if ctx.invoked_subcommand is None:
        from minictx.compare.command import compare_all

        compare_all(*chosen)
    elif chosen:
        raise MinictxError(
            f"--{chosen[0]} is for the whole table: leave out {ctx.invoked_subcommand}"
        )


@compare.command()
@click.argument("scenario", required=False)
@click.option("--from", "older", metavar="VERSION", help="The Flask to begin with.")
@click.option("--to", "newer", metavar="VERSION", help="The Flask to compare it with.")
@click.option("--page", metavar="FILE", help="Write an HTML page of all scenarios.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def flask(
    scenario: str | None,
    older: str | None,
    newer: str | None,
    page: str | None,
    as_json: bool,
) -> None:
    """Show how the life of a request changed, from Flask 1.1 to 3.1 and MiniFlask."""
    from minictx.compare.command import compare_flask

    raise SystemExit(compare_flask(scenario, older, newer, page, as_json))
