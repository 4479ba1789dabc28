"""What GitHub runs: pinned, without rights that it does not need, and made of commands and files that exist."""

import re

import pytest
import yaml

from tools import ROOT

WORKFLOWS = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / ".github" / "workflows").glob("*.yml")}
STEPS = [
    (name, step)
    for name, text in WORKFLOWS.items()
    for job in yaml.safe_load(text)["jobs"].values()
    for step in job.get("steps", ())
]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_and_never_runs_beside_itself(name):
    workflow = yaml.safe_load(WORKFLOWS[name])
    assert workflow["permissions"] == {"contents": "read"} and workflow["concurrency"]["group"]
    assert all("permissions" not in job for job in workflow["jobs"].values())
    assert all("timeout-minutes" in job or "uses" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_commit_and_names_its_version(name):
    used = re.findall(r"uses: (?!\./)(.*)", WORKFLOWS[name])
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+(\.\d+)*", line) for line in used)
    pins = dict(line.split("@") for text in WORKFLOWS.values() for line in re.findall(r"uses: (\w\S+@.*)", text))
    assert all(line in {f"{action}@{pin}" for action, pin in pins.items()} for line in used), "one version of an action"


def test_a_checkout_leaves_no_credentials_behind():
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout")]
    assert len(checkouts) >= 5 and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_what_the_steps_name_exists():
    everything = "\n".join(WORKFLOWS.values())
    for file in re.findall(r"(?<!\w)(constraints[\w-]*\.txt|solutions/\w+\.ipynb|tests/\w+\.py|\.ci/run)", everything):
        assert (ROOT / file).exists(), file
    assert {"constraints-oldest.txt", "constraints-colab.txt"} <= set(re.findall(r"constraints-\w+\.txt", everything))


def test_every_week_all_of_it_runs_and_only_the_nightly_build_may_fail():
    weekly = yaml.safe_load(WORKFLOWS["weekly"])
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", weekly[True]["schedule"][0]["cron"])  # YAML reads the key `on` as true
    assert (
        weekly["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
        and "workflow_call" in yaml.safe_load(WORKFLOWS["test"])[True]
    )
    assert [name for name, job in weekly["jobs"].items() if job.get("continue-on-error")] == ["nightly"]
    assert {"run": "make mutants"} in weekly["jobs"]["mutants"]["steps"]
