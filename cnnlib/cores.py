"""How many processor cores this process may use: its affinity, and the quota of the container it runs in."""

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def cores(root: Path = Path("/")) -> int:
    """Count the cores that this process may keep busy, at least 1: those of its affinity, or fewer under a container's quota.

    >>> cores() >= 1
    True
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min(allowed, quota(root))))


def quota(root: Path = Path("/")) -> float:
    """Read how many cores' worth of time the control groups of this process grant (Linux); infinite where nothing limits it.

    `/proc/self/cgroup` names the groups. A limit of any group above them counts too. Inside a container the groups may have
    the names that the host gives them, while only the container's own group is mounted; then that one is read.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return math.inf
    return min((limit for line in lines for limit in _limits(root / "sys/fs/cgroup", line)), default=math.inf)


def _limits(mounted: Path, line: str) -> Iterator[float]:
    """Read the limits of one line, `number:controllers:group`: version 2 has no controllers, version 1 has `cpu` or others."""
    _, controllers, group = line.split(":", 2) if line.count(":") > 1 else ("", "not a group", "")
    if controllers and "cpu" not in controllers.split(","):
        return
    hierarchies = [mounted / controllers, mounted / "cpu"] if controllers else [mounted]
    places = [PurePosixPath(group), *PurePosixPath(group).parents]
    for folder in (hierarchy / str(place).lstrip("/") for hierarchy in hierarchies for place in places):
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if controllers else ("cpu.max",)
        try:
            granted, period = " ".join((folder / name).read_text(encoding="utf-8") for name in names).split()
            if granted not in ("max", "-1"):
                yield int(granted) / int(period)
        except (OSError, ValueError, ZeroDivisionError):  # not there, or nothing that can be read: no limit
            continue
