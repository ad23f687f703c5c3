"""The commands of ``minictx``. What they do is imported only when they are used."""

from __future__ import annotations

from typing import Any

import click

from minictx import __version__

__all__ = ["minictx"]


class Failure(click.ClickException):
    """Say in one line what is wrong, and exit with 2, as click does for wrong usage."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the line."""
        click.echo(f"minictx: {self.message}", file=file, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def minictx() -> None:
    """See how Flask's request, session, g and current_app work."""


@minictx.command()
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def demo(open_page: bool) -> None:
    """Show two requests at once, through the same four names."""
    from rich.console import Console

    from minictx.demo import new_page, run

    page = new_page()
    status = run(Console(highlight=False), page)
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
def run(target: str, host: str, port: int, threads: bool) -> None:
    """Serve the app of a Python file.

    APP is the name of the MiniFlask app in FILE, "app" if it is not given.
    """
    from minictx.serve import ServeError, load_app, serve_on_greenlets, serve_on_threads

    try:
        app = load_app(target)
        (serve_on_threads if threads else serve_on_greenlets)(app, host, port)
    except ServeError as error:
        raise Failure(str(error)) from error
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
    """Run SCRIPT, and show what its locals, stacks, proxies and contexts do."""
    from minictx.trace import command

    try:
        status = command.trace(command.Wish(target, list(arguments), **options))
    except command.CommandError as error:
        raise Failure(str(error)) from error
    raise SystemExit(status)
