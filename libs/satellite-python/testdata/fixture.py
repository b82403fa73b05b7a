"""Does what `config.do` says, so that a test sees every line of the protocol."""

import asyncio
import ctypes
import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor

from exosphere_satellite import Failure, satellite

print("printed while it is imported")
logging.getLogger("library").info("logged while it is imported")
cancelled = []


def echo(request, context):
    return [
        {
            "config": request.config,
            "input": request.input,
            "item": request.item,
            "secrets": request.secrets,
            "execution": context.execution,
            "idempotency_key": context.idempotency_key,
            "attempt": context.attempt,
            "deadline": context.deadline,
            "resume": context.resume and [context.resume.count, context.resume.last_key],
            "s3": context.endpoint("s3", "https://s3.example.com/"),
            "other": context.endpoint("other", "https://other.example.com/"),
            "url": context.url("https://api.example.com/v1/x?y"),
        }
    ]


def garbage(request, context):
    print('{"nonce":"forged"}')
    sys.stdout.write("no end of line")
    os.write(1, b"from a library in C\n")
    libc = ctypes.CDLL(None)
    libc.puts(b"from puts")
    libc.fflush(None)
    subprocess.run(["sh", "-c", "echo from a program; cat"], check=True)
    return [{"stdin": sys.stdin.read()}]


def log(request, context):
    context.log.debug("so far", step=1)
    context.log.warn("strange", {"content-type": "a/b"}, value=float("nan"), half="\ud800", when=time.gmtime(0))
    logging.getLogger("library").warning("a library says %s", "so")
    warnings.warn("deprecated", stacklevel=1)
    with ThreadPoolExecutor() as pool:
        pool.submit(logging.getLogger("library").error, "on a thread of the library's own").result()
    return []


def emit(request, context):
    for number in range(3):
        context.emit([{"number": number, "taken": context_time()}])
    context.emit([])
    return [{"number": 3}]


def context_time():
    return time.monotonic()


def metrics(request, context):
    context.metrics({"input-tokens": 1}, output_tokens=2)
    context.metrics(output_tokens=3)
    return None


def fail(request, context):
    context.metrics(tokens=1)
    raise Failure("Slow down.", code="rate-limited", retry_after=1.5)


def crash(request, context):
    return [{"x": {}["missing — ü"]}]


def leave(request, context):
    sys.exit(3)


def give(request, context):
    values = {
        "nan": [{"rows": [{"margin": float("nan")}]}],
        "infinity": [{"margin": float("inf")}],
        "bytes": [{"content": b"x"}],
        "surrogate": [{"text": "a\ud83d"}],
        "dict": {"text": "x"},
        "texts": ["x"],
        "key": [{(1, 2): 3}],
        "large": [{"text": "x" * (65 * 2**20)}],
        "generator": ({"number": number} for number in range(2)),
        "unicode": [{"text": "ü — \u2028 😀 \u0000", "int": 2**53, "float": 0.1, "none": None}],
    }
    if request.config["what"] == "cycle":
        cycle = {}
        cycle["again"] = cycle
        return [cycle]
    return values[request.config["what"]]


def wait(request, context):
    context.log.info("waiting")
    if context.cancelled.wait(30):
        cancelled.append(context.execution)
    return [{"cancelled": list(cancelled)}]


def wait_long(request, context):
    return [{"waited": not context.cancelled.wait(request.config["seconds"])}]


def hang(request, context):
    context.log.info("hanging")
    time.sleep(120)


def grab(request, context):
    """Never gives the interpreter back: `re` holds it."""
    context.log.info("grabbing")
    re.match(r"(a+)+$", "a" * 60 + "b")


def files(request, context):
    file = request.input["file"]
    with context.files.read(file) as stream:
        start = stream.read(5)
    with context.files.as_path(file, ".txt") as path:
        size = path.stat().st_size
        copy = context.files.write("copy.txt", "text/plain", path)
    pieces = context.files.write("pieces.bin", "application/octet-stream", (b"x" * 1000 for _ in range(1000)))
    text = context.files.write("text.txt", "text/plain", context.files.text(file).upper())
    return [{"start": start.decode(), "size": size, "gone": not path.exists(), "copy": copy, "pieces": pieces, "text": text}]


def read(request, context):
    return [{"text": context.files.text(request.input["file"])}]


def upload(request, context):
    def pieces():
        yield b"x"
        raise ValueError("no more")

    return [context.files.write("broken", "text/plain", pieces())]


def network(request, context):
    with urllib.request.urlopen(request.config["url"], timeout=20) as response:
        return [{"body": response.read().decode(), "proxies": {name: os.environ[name] for name in os.environ if "proxy" in name.lower()}}]


def threads(request, context):
    return [{"threads": len([t for t in threading.enumerate() if re.fullmatch(r"exosphere-\d+", t.name)])}]


async def asynchronous(request, context):
    if request.config.get("wait"):
        context.log.info("waiting")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(context.execution)
            raise
    logging.getLogger("library").warning("in a coroutine")
    await asyncio.to_thread(context.emit, [{"number": 1}])
    return [{"number": 2, "loop": id(asyncio.get_running_loop())}]


actions = dict(globals())


@satellite
def run(request, context):
    return actions[request.config["do"]](request, context)


if os.environ.get("FIXTURE_BATCH"):

    @run.batch
    def run_batch(requests, contexts):
        if requests[0].config.get("short"):
            return []
        if requests[0].config.get("crash"):
            raise KeyError("x")
        for context in contexts:
            context.log.info(f"item {context.execution}")
            context.metrics(json=len(json.dumps(context.execution)))
        return [
            Failure("No.", code="odd") if request.item % 3 == 1 else None if request.item % 3 == 2 else [{"item": request.item}]
            for request in requests
        ]
