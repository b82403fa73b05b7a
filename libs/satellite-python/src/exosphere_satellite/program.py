"""``python -m exosphere_satellite main.py``: serves the satellite of a module to a worker."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, BinaryIO, NoReturn

from .attempt import timeout_of
from .channel import Channel
from .records import take_logging
from .satellite import Satellite
from .watchdog import Watchdog
from .worker import Worker

_version = 1
# In seconds.
_to_end = 0.5
_to_stop = 1.5


def main(arguments: list[str]) -> NoReturn:
    """Runs until the worker is done. It leaves at once: what libraries hang at when they are torn down is not waited for."""
    if len(arguments) != 1:
        sys.exit("usage: python -m exosphere_satellite main.py")
    lines, channel = take_streams()
    code = 1
    try:
        code = _serve(arguments[0], lines, channel)
    except SystemExit as thrown:
        if isinstance(thrown.code, str):
            print(thrown.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def take_streams() -> tuple[BinaryIO, Channel]:
    """Keeps stdin and stdout for the protocol alone. Whatever else reads finds nothing, and whatever else prints does so to stderr: also
    libraries in C, and programs that are started."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr] # as Python made it
    return os.fdopen(requests, "rb", buffering=1 << 18), Channel(answers)


def _serve(path: str, lines: BinaryIO, channel: Channel) -> int:
    first = lines.readline()
    if not first:
        return 0
    setting: dict[str, Any] = json.loads(first)
    if setting.get("exosphere") != _version:
        sys.exit(
            f"The worker speaks version {setting.get('exosphere')} of the protocol, this package version {_version}: update one of them."
        )
    take_logging()
    if setting.get("egress"):
        from .egress import open_network

        open_network(setting["egress"], setting.get("endpoints") or {})
    worker = Worker(load(path), setting, channel)
    watchdog = Watchdog(worker.running)
    watchdog.start()
    if "nonce" in setting:
        watchdog.expect(timeout_of(setting))
        worker.once(setting)
        return 0
    channel.send(b'{"exosphere":1,"ready":true}\n')
    worker.serve(lines, watchdog.expect)
    return _wind_up(worker)


def _wind_up(worker: Worker) -> int:
    """The worker is gone. What is running has a moment to end; then it is told to, and has another to leave nothing half done."""
    _wait(worker, _to_end)
    worker.cancel_all()
    _wait(worker, _to_stop)
    return 0


def _wait(worker: Worker, seconds: float) -> None:
    until = time.monotonic() + seconds
    while worker.running and time.monotonic() < until:
        time.sleep(0.01)


def load(path: str) -> Satellite:
    """The satellite of a module. The module's folder is where its imports are looked for."""
    full = os.path.abspath(path)
    name = os.path.splitext(os.path.basename(full))[0]
    spec = spec_from_file_location(name, full)
    if spec is None or spec.loader is None or not os.path.isfile(full):
        sys.exit(f"'{path}' is no Python file. Name the file that has the satellite: python -m exosphere_satellite main.py")
    sys.path.insert(0, os.path.dirname(full))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    found = {id(value): value for value in vars(module).values() if isinstance(value, Satellite)}
    if len(found) != 1:
        sys.exit(f"'{path}' has {len(found)} satellites, expected one: a function with @satellite (from exosphere_satellite) above it.")
    return next(iter(found.values()))
