"""How many cores there are: affinity, and the quota of control groups, on trees of files as Linux has them."""

import math
import os

import pytest

from cnnlib.cores import cores, quota


@pytest.fixture
def tree(tmp_path):
    """Write `/proc/self/cgroup` and files below `/sys/fs/cgroup`; returns the root."""

    def write(lines, files):
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_bytes(("\n".join(lines) + "\n").encode(errors="surrogateescape"))
        for name, text in files.items():
            path = tmp_path / "sys/fs/cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return tmp_path

    return write


def version_1(folder, quota, period=100_000):
    return {f"{folder}/cpu.cfs_quota_us": str(quota), f"{folder}/cpu.cfs_period_us": str(period)}


V1 = ["4:memory:/a", "3:cpu,cpuacct:/docker/4f", "2:cpuset:/b"]


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        (["0::/"], {"cpu.max": "200000 100000"}, 2.0),
        (["0::/"], {"cpu.max": "max 100000"}, math.inf),
        (["0::/"], {}, math.inf),
        (["0::/user/lab"], {"user/lab/cpu.max": "150000 50000"}, 3.0),
        (["0::/user/lab"], {"user/lab/cpu.max": "max 100000", "user/cpu.max": "50000 100000"}, 0.5),  # a group above it
        (["0::/user/lab"], {"user/lab/cpu.max": "400000 100000", "user/cpu.max": "200000 100000"}, 2.0),
        (["0::/docker/4f"], {"cpu.max": "100000 100000"}, 1.0),  # the host's name inside a container
        (["0::/a"], {"a/cpu.max": "nonsense", "cpu.max": "300000 100000"}, 3.0),
        (V1, version_1("cpu,cpuacct/docker/4f", 250_000), 2.5),
        (V1, version_1("cpu/docker/4f", 100_000), 1.0),  # a link of this name
        (V1, version_1("cpu,cpuacct", 300_000), 3.0),
        (V1, version_1("cpu,cpuacct/docker/4f", -1), math.inf),
        (V1, version_1("cpu,cpuacct/docker/4f", -1) | version_1("cpu,cpuacct/docker", 200_000), 2.0),
        (V1, version_1("cpu,cpuacct", 100_000, 0), math.inf),
        (["2:cpuacct:/", "1:cpu:/"], version_1("cpu", 100_000), 1.0),
        (["", "nonsense", "1:two", "0::/"], {"cpu.max": "200000 100000"}, 2.0),  # lines that cannot be read
        (["0::/\udcff", "0::/lab"], {"lab/cpu.max": "100000 100000", "cpu.max": "300000 100000"}, 1.0),  # not UTF-8
        (["2:cpuset:/"], version_1("cpuset", 100_000), math.inf),  # not the controller of time
    ],
)
def test_the_quota_of_control_groups_is_read(lines, files, expected, tree):
    assert quota(tree(lines, files)) == expected


def test_without_control_groups_there_is_no_quota(tmp_path):
    assert quota(tmp_path) == math.inf


@pytest.mark.parametrize(
    ("affinity", "limit", "expected"),
    [(64, "200000 100000", 2), (2, "800000 100000", 2), (6, "max 100000", 6), (8, "50000 100000", 1), (8, "350000 100000", 3)],
)
@pytest.mark.parametrize("system", ["Linux", "other"])
def test_cores_are_the_lesser_of_affinity_and_quota_and_at_least_one(affinity, limit, expected, system, tree, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(affinity)), raising=False)
    if system == "other":  # as on macOS and Windows
        monkeypatch.delattr(os, "sched_getaffinity")
        monkeypatch.setattr(os, "cpu_count", lambda: affinity)
    assert cores(tree(["0::/"], {"cpu.max": limit})) == expected
