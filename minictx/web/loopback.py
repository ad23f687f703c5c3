"""Which hosts nobody but this machine can reach: where an app may be debugged."""

from __future__ import annotations

from ipaddress import ip_address

__all__ = ["check_loopback", "is_loopback"]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on ``host``.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)

    A name is not looked up: what it stands for may change. Only "localhost" is known, and
    "unix://" and a path, which is no address at all.
    """
    if host == "localhost" or host.startswith("unix://"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_loopback(host: str, way_out: str = "") -> None:
    """Raise a ValueError if other machines can reach ``host``, where an app is debugged."""
    if not is_loopback(host):
        raise ValueError(
            f"the app is in debug mode, and other machines may reach {host!r}: turn debug mode"
            f" off, or listen on 127.0.0.1{way_out and f', or {way_out}'}"
        )
