"""Serving an instance: one server at a time, on a port that it keeps, announced once ready, ended cleanly."""

import asyncio
import gc
import os
import secrets
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import uvicorn

from app import __version__, ports, runtime
from app.runtime import Half, Runtime
from app.setup import instance, worktree
from app.shared import memory
from app.shared.config import ROOT, Settings, SettingsError
from app.shared.db import Database
from app.shared.types import utc_now

GRACE = 3  # seconds that open requests have at the end
LAST_RESORT = 4.5  # seconds after a signal: the process ends, whatever still runs
STARTING = 30.0  # seconds to wait for another server of this instance that is just starting
ALREADY_RUNNING = 3  # exit code


@dataclass(frozen=True, slots=True)
class Options:
    host: str = "127.0.0.1"
    port: int | None = None  # None: the one of last time, else a free one of the range; 0: any free one
    only: Half | None = None
    empty: bool = False
    demo: bool = False


class Server(uvicorn.Server):
    """Announces itself once it is ready, and withdraws when it ends."""

    def __init__(self, config: uvicorn.Config, settings: Settings, options: Options, runtime_: Runtime) -> None:
        super().__init__(config)
        self._settings = settings
        self._options = options
        self._runtime = runtime_
        self._database: Database = config.app.state.parts.database  # type: ignore[union-attr]  # what `build` gave

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what was loaded stays: no collection looks at it again
        gc.enable()
        if not self.should_exit:
            runtime.announce(self._settings.instance, self._options.only, self._runtime)
            _say_ready(self._settings, self._options, self._runtime)
            if self._options.only != "chatbot":
                await asyncio.to_thread(_offer_set_up, self._settings, self._database, self._runtime)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        runtime.withdraw(self._settings.instance, self._options.only, self._runtime.nonce)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        _end_for_certain()
        super().handle_exit(sig, frame)


def serve(settings: Settings, options: Options) -> int:
    """Serve until a signal ends it; gives the exit code. A second server of the same instance tells where the first is.

    Raises SettingsError or NotUsable where it can't start.
    """
    _check_reach(settings, options)
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + STARTING
    while True:
        try:
            with runtime.held(settings.instance, options.only):
                return _serve_alone(settings, options)
        except runtime.Taken:
            if (code := _someone_else(settings, options, deadline)) is not None:
                return code
            time.sleep(0.1)


def _someone_else(settings: Settings, options: Options, deadline: float) -> int | None:
    """Say who serves this instance; None while they are only starting."""
    for half, found in runtime.servers(settings.instance):
        if options.only in (None, half) or half is None:
            part = f"'s {half} half" if half else ""
            print(f"Parley{part} is already running at {found.url} (pid {found.pid}).", flush=True)
            return ALREADY_RUNNING
    if time.monotonic() < deadline:
        return None
    raise runtime.NotUsable(
        f"Another process holds {settings.instance} and isn't ready after {STARTING:.0f} s. `./run.sh stop` ends it."
    )


def _check_reach(settings: Settings, options: Options) -> None:
    """Beyond this machine only where somebody meant it: with a host and an origin."""
    if options.host in ports.LOOPBACK:
        return
    if settings.development:
        raise SettingsError("Development mode serves this machine alone: leave out --host, or --dev.")
    if not settings.origins:
        raise SettingsError(
            f"--host {options.host} opens Parley to others: name the address that they will use in PARLEY_ORIGINS, "
            "as https://crm.example.com."
        )


def _serve_alone(settings: Settings, options: Options) -> int:
    memory.limit_heaps()
    database = instance.open_database(settings, empty=options.empty)
    if options.demo:
        _load_demo(database)
    database.close()
    bound = _claim(settings, options)
    runtime_ = Runtime(
        pid=os.getpid(),
        url=_local_url(options.host, bound.port),
        port=bound.port,
        started=utc_now().isoformat(timespec="seconds"),
        version=__version__,
        nonce=secrets.token_hex(8),
    )
    _run(settings, options, bound, runtime_)
    return 0


def _load_demo(database: Database) -> None:
    from app.crm import demo
    from app.crm.accounts.demo import EMAIL, ensure_demo_user
    from app.shared.contract import SYSTEM

    if not demo.is_empty(database):
        return
    print("Loading the demo's records.", flush=True)
    demo.load(database, SYSTEM)
    with database.write() as connection:
        password = ensure_demo_user(connection)
    if password:
        print(f"Sign in as {EMAIL} with the password {password} (shown once).", flush=True)


def _claim(settings: Settings, options: Options) -> ports.Bound:
    """The port of this server, bound and listened on; remembered for the next start."""
    if options.port is not None:
        return ports.claim_one(options.host, options.port)
    kept = runtime.kept_port(settings.instance, options.only)
    choice = ports.CHATBOT if options.only == "chatbot" else ports.WHOLE
    bound = ports.claim_free(options.host, choice, first=kept, last=_of_main(settings, options.only))
    runtime.keep_port(settings.instance, options.only, bound.port)
    return bound


def _of_main(settings: Settings, only: Half | None) -> list[int]:
    """The port that the main checkout keeps: a linked worktree leaves it alone while there are others."""
    main = worktree.main_checkout(ROOT)
    if main is None or settings.instance == main / "instance":
        return []
    kept = runtime.kept_port(main / "instance", only)
    return [kept] if kept else []


def _local_url(host: str, port: int) -> str:
    """The address by which this machine itself reaches the server."""
    name = "127.0.0.1" if host in (*ports.LOOPBACK, "0.0.0.0", "::") else host  # noqa: S104 - compared with, not bound
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def _say_ready(settings: Settings, options: Options, runtime_: Runtime) -> None:
    what = f"Parley's {options.only} half" if options.only else "Parley"
    print(f"{what} is ready at {runtime_.url}", flush=True)
    if options.host not in ports.LOOPBACK:
        print(f"Others reach it at {', '.join(settings.origins)}", flush=True)
    other = runtime.peer(settings.instance, options.only)
    if other:
        print(other.sentence, flush=True)


def _offer_set_up(settings: Settings, database: Database, runtime_: Runtime) -> None:
    """The first run: a link by which the first admin is made; opened in a browser where a person sits before it."""
    from app.crm.accounts import setup

    path = setup.link(database, settings)
    if path is None:
        return
    url = (settings.origins[0] if settings.origins else runtime_.url) + path
    print(f"Set it up here: {url}", flush=True)
    if sys.stdout.isatty() and _has_desktop():
        import webbrowser

        threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()


def _has_desktop() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


# --- running ---------------------------------------------------------------------------------------------------------


def _run(settings: Settings, options: Options, bound: ports.Bound, runtime_: Runtime) -> None:
    from app import logs
    from app.host import build

    logs.configure(development=settings.development)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # until uvicorn takes over, and once it has ended
    app = build(settings, only=options.only, host=options.host, nonce=runtime_.nonce)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
        server_header=False,
        ws_max_size=256 * 1024,  # bytes of a message: the longest question in the widest letters, with its frame
        ws_max_queue=8,  # messages of one connection that wait to be read
        proxy_headers=False,  # uvicorn would believe whoever is on this machine; `app.shared.proxies` reads them
    )
    try:
        Server(config, settings, options, runtime_).run(bound.sockets)
    except SystemExit as end:
        if end.code:
            raise
    finally:
        runtime.withdraw(settings.instance, options.only, runtime_.nonce)
        bound.close()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _end_for_certain() -> None:
    """End the process some seconds from now, even where a thread never comes back. What is committed is on disk."""

    def end() -> None:
        time.sleep(LAST_RESORT)
        os._exit(0)

    threading.Thread(target=end, name="last-resort", daemon=True).start()
