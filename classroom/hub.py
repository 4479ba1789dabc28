"""A JupyterHub on this machine alone, and learners who use it through its web addresses, as JupyterLab does."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from classroom.environment import BIN, PROXY

SETTINGS = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allowed_users = set({names})
c.JupyterHub.spawner_class = "{spawner}"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = ["{bin}/jupyterhub-singleuser"]
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": "{folder}", "OMP_NUM_THREADS": "1"}}
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.services = [{{"name": "rehearsal", "api_token": "{token}"}}]
scopes = ["admin:users", "admin:servers", "tokens", "access:servers"]
c.JupyterHub.load_roles = [{{"name": "rehearsal", "scopes": scopes, "services": ["rehearsal"]}}]
"""


class Person:
    """Somebody with a token: calls the hub, or their own server."""

    def __init__(self, address: str, name: str, token: str) -> None:
        self.address, self.name, self.token = address, name, token

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request and return the answer, whatever its status."""
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, f"{self.address}{path}", headers=headers, timeout=300, **options)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request that must succeed, and return what it answers."""
        answer = self.call(method, path, **options)
        assert answer.ok, f"{self.name}: {method} {path} answered {answer.status_code}: {answer.text[:500]}"
        return answer.json() if answer.content else None

    def start(self) -> None:
        """Start one's server and wait until it answers."""
        self.ask("POST", f"/hub/api/users/{self.name}/server")
        until(lambda: self.ask("GET", f"/hub/api/users/{self.name}")["servers"].get("", {}).get("ready"), 400)

    def own(self, method: str, path: str, **options: Any) -> Any:
        """Ask one's own server."""
        return self.ask(method, f"/user/{self.name}/{path}", **options)

    def assignment(self, action: str, lesson: str) -> list[dict[str, Any]]:
        """Do what a button of JupyterLab's list of assignments does: fetch, submit or fetch_feedback; returns the list."""
        done = self.own("POST", f"assignments/{action}", data={"course_id": "cnn", "assignment_id": lesson})
        assert done["success"], f"{self.name}: {action}: {done['value']}"
        return done["value"]


def until(condition: Any, seconds: float) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.5)


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def hub(folder: Path, names: list[str], own_accounts: bool) -> Iterator[list[Person]]:
    """Run a hub with a server for each learner; at the end all are stopped."""
    port, hub_port, proxy_port = free_ports(3)
    token, kind = secrets.token_hex(), "LocalProcessSpawner" if own_accounts else "SimpleLocalProcessSpawner"
    settings = folder / "jupyterhub_config.py"
    values = dict(
        port=port, hub_port=hub_port, proxy_port=proxy_port, proxy=PROXY, bin=BIN, folder=folder, homes=folder / "homes"
    )
    spawner, secret = f"jupyterhub.spawner.{kind}", secrets.token_hex()
    settings.touch(mode=0o600)
    settings.write_text(SETTINGS.format(**values, names=names, spawner=spawner, token=token, password=secret), encoding="utf-8")
    private = folder / "hub"
    private.mkdir(mode=0o700)
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    with (private / "log").open("w") as log:
        started = subprocess.Popen(
            [BIN / "jupyterhub", "-f", settings], cwd=private, env=os.environ | {"PATH": path},
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        admin = Person(f"http://127.0.0.1:{port}", "rehearsal", token)
        until(lambda: answers(admin, started, private / "log"), 120)
        yield [learner(admin, name) for name in names]
    finally:
        started.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            started.wait(60)
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)  # its own group: the hub and its proxy


def answers(admin: Person, process: subprocess.Popen, log: Path) -> bool:
    """Tell whether the hub answers; raises AssertionError with its last words if it has ended."""
    assert process.poll() is None, f"the hub ended: {log.read_text()[-3000:]}"
    with suppress(requests.ConnectionError):
        return admin.call("GET", "/hub/api/").ok
    return False


def learner(admin: Person, name: str) -> Person:
    """Give a learner a token, as signing in does."""
    token = admin.ask("POST", f"/hub/api/users/{name}/tokens", json={"note": "rehearsal"})["token"]
    return Person(admin.address, name, token)
