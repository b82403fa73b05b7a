"""The way to the network: a proxy on 127.0.0.1 in front of the worker's unix socket."""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from .event_loop import wait_for


def open_network(socket_path: str, endpoints: Mapping[str, str]) -> None:
    """Starts the proxy and sets the variables by which HTTP clients find it, also those of programs that are started."""
    port = wait_for(_listen(socket_path))
    url = f"http://127.0.0.1:{port}"
    variables = {"HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": _all_proxy(port), "NO_PROXY": ",".join(_direct(endpoints))}
    for name, value in variables.items():
        os.environ[name] = os.environ[name.lower()] = value


def _all_proxy(port: int) -> str:
    # httpx does not even make a client when ALL_PROXY is SOCKS and socksio is missing (tried with 0.28). The port takes both.
    has_trap = importlib.util.find_spec("httpx") is not None and importlib.util.find_spec("socksio") is None
    return f"{'http' if has_trap else 'socks5h'}://127.0.0.1:{port}"


def _direct(endpoints: Mapping[str, str]) -> list[str]:
    """A server of the satellite's own is reached directly, but not what the environment has on the loopback of its host."""
    named = {urlsplit(url).hostname for url in endpoints.values()}
    return [host for host in ("localhost", "127.0.0.1", "::1") if host not in named]


async def _listen(socket_path: str) -> int:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_unix_connection(socket_path)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        finally:
            writer.close()
            there_writer.close()

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    _servers.append(server)
    return port


_servers: list[asyncio.Server] = []  # a server that nobody holds is collected


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        # Only this direction ends: the answer to a request that is closed early must still come through.
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()
