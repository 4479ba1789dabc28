"""The class of the rehearsal: accounts, a released assignment, a hub on which every learner's server runs."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from classroom.accounts import accounts, folders, why_not
from classroom.environment import BIN
from classroom.hub import Person, hub
from tools import ROOT
from tools.submissions import new_course

LESSON = "03_bottleneck"
COUNT = int(os.environ.get("CLASS_SIZE", "20"))  # learners
OFFLINE = "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"  # docs/classes.md recommends it
Done = subprocess.CompletedProcess
SETTINGS = """c = get_config()
c.Exchange.root = "{exchange}"
c.CourseDirectory.course_id = "cnn"
"""


@dataclass
class Classroom:
    """Where everything is, who takes part, and how many seconds each step took."""

    folder: Path
    lecturer: str
    own_accounts: bool
    people: list[Person] = field(default_factory=list)

    @property
    def course(self) -> Path:
        """The lecturer's course folder."""
        return self.folder / "course"

    @property
    def exchange(self) -> Path:
        """The folder through which assignments, submissions and feedback pass."""
        return self.folder / "exchange"

    def run_as(self, name: str, *command: str | Path, folder: Path | None = None, offline: bool = False) -> Done:
        """Run a command in the rehearsal's environment, with the rights of a person; `offline` without any network."""
        who = dict(user=name, group=name, extra_groups=[]) if self.own_accounts else {}
        if offline:  # only root can take the network away
            command, who = (*OFFLINE, "runuser", "-u", name, "--", *command), {}
        env = os.environ | {
            "HOME": str(self.folder / "homes" / name),
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_PATH": str(self.folder),
        }
        return subprocess.run(command, cwd=folder or ROOT, env=env, capture_output=True, text=True, timeout=1200, **who)

    def teach(self, module: str, *options: str, offline: bool = False) -> None:
        """Run nbgrader, or a tool of the course, as the lecturer."""
        command = BIN / "python", "-W", "ignore", "-m", module, *options
        done = self.run_as(self.lecturer, *command, folder=self.course, offline=offline and self.own_accounts)
        assert done.returncode == 0, f"{module} {options}: {done.stderr[-3000:]}"

    def all_at_once(self, do: Callable[[Person], None]) -> None:
        """Let every learner do something, all at the same time."""
        with ThreadPoolExecutor(len(self.people)) as pool:
            list(pool.map(do, self.people))


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how many seconds a step took."""
    start = time.monotonic()
    yield
    print(f"{what:<58}{time.monotonic() - start:7.1f} s", flush=True)


@pytest.fixture(scope="session")
def classroom() -> Iterator[Classroom]:
    """Prepare a class and remove it afterwards."""
    if sentence := why_not():
        print(f"\n{sentence}")
    folder = Path(tempfile.mkdtemp(prefix="cnn-class-"))
    folder.chmod(0o755)
    (folder / "homes").mkdir()
    kind = folders if sentence else accounts
    print()
    try:
        with kind(COUNT + 1, folder / "homes") as (lecturer, *names):
            room = Classroom(folder, lecturer, own_accounts=not sentence)
            with timed("assignment generated and released"):
                release(room)
            with hub(folder, names, room.own_accounts) as room.people:
                with timed(f"{COUNT} servers started at once"):
                    room.all_at_once(Person.start)
                yield room
    finally:
        shutil.rmtree(folder)


def release(room: Classroom) -> None:
    """Make the course, which is the lecturer's, and release its assignment through the exchange."""
    room.course.mkdir(mode=0o700)
    new_course(room.course, LESSON)
    room.exchange.mkdir()
    room.exchange.chmod(0o777)
    (room.folder / "nbgrader_config.py").write_text(SETTINGS.format(exchange=room.exchange), encoding="utf-8")
    if room.own_accounts:
        for path in [room.course, *room.course.rglob("*")]:
            shutil.chown(path, room.lecturer, room.lecturer)
    room.teach("nbgrader", "release_assignment", LESSON)
