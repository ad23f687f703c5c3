"""Patch all that is to be recorded: what is imported by now, and what will be.

The modules of the frameworks are never imported here. They are patched where the program
has imported them, or at the moment when it does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import minictx.trace.patch as patch
from minictx.local import Local
from minictx.proxy import LocalProxy
from minictx.stack import LocalStack
from minictx.trace.core import patch_proxies, patch_storage
from minictx.trace.inherited import patch_inherited_storage
from minictx.trace.patch import Patches, hide_frame
from minictx.trace.processes import patch_multiprocessing
from minictx.trace.spawn import patch_asyncio, patch_greenlet, patch_threading
from minictx.trace.web import patch_app, patch_contexts, patch_signals

__all__ = ["install"]

PatchModule = Callable[[Patches, Any], None]


def _patch_werkzeug(patches: Patches, module: Any) -> None:
    if not issubclass(module.LocalProxy, LocalProxy):  # else minictx is in its place
        patch_inherited_storage(patches, module.Local, module.LocalStack)
        patch_storage(patches, module.Local, module.LocalStack)
        patch_proxies(patches, module.LocalProxy)


def _patch_flask_contexts(patches: Patches, module: Any) -> None:
    patch_contexts(patches, module)
    # Since 2.2, Flask keeps its contexts in ContextVars, and in no LocalStack.
    found = (getattr(module, name, None) for name in ("_cv_app", "_cv_request"))
    patch.context_vars = tuple(each for each in found if isinstance(each, ContextVar))

    def forget() -> None:
        patch.context_vars = ()

    patches.call_later(forget)


def _patch_contextual(patches: Patches, module: Any) -> None:
    patch_inherited_storage(patches, module.Local, module.LocalStack)
    patch_storage(patches, module.Local, module.LocalStack)


MODULES: dict[str, PatchModule] = {
    "asyncio.base_events": patch_asyncio,
    "flask.app": lambda patches, module: patch_app(patches, module.Flask),
    "flask.ctx": _patch_flask_contexts,
    "flask.signals": patch_signals,
    "greenlet": patch_greenlet,
    "minictx.contextual": _patch_contextual,
    "minictx.web.app": lambda patches, module: patch_app(patches, module.MiniFlask),
    "minictx.web.ctx": patch_contexts,
    "minictx.web.signals": patch_signals,
    "multiprocessing.process": patch_multiprocessing,
    "threading": patch_threading,
    "werkzeug.local": _patch_werkzeug,
}


def install(patches: Patches) -> None:
    """Patch what is there; undoing ``patches`` puts all of it back."""
    patch_storage(patches, Local, LocalStack)
    patch_proxies(patches, LocalProxy)
    watch = _Watch(patches)
    for name in MODULES:
        module = sys.modules.get(name)
        if module is not None:
            watch.loaded(module)
    sys.meta_path.insert(0, watch)
    patches.call_later(lambda: sys.meta_path.remove(watch) if watch in sys.meta_path else None)


class _Watch:
    """Be asked for each module that is imported, as a finder, and patch some of them."""

    def __init__(self, patches: Patches) -> None:
        self._patches = patches

    def loaded(self, module: ModuleType) -> None:
        MODULES[module.__name__](self._patches, module)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in MODULES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = (
                find(name, path, target) if find and finder is not self else None
            )
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self.loaded)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """Load a module with its own loader, which gets its place back, and tell of it."""

    def __init__(self, loader: Any, loaded: Callable[[ModuleType], None]) -> None:
        self._loader, self._loaded = loader, loaded

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        try:
            self._loader.exec_module(module)
        except BaseException as error:
            hide_frame(error)
            raise
        self._loaded(module)
