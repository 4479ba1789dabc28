"""Try every change of tests/mutants/ in a copy of the tree and report which ones no test notices (Linux and macOS).

python -m tools.mutants                      all of them, side by side on the cores of this machine
python -m tools.mutants cnnlib/loop.py       those of some files or kinds (a kind is a file of tests/mutants/)

A change that no test notices is an error, unless its `survives` says why none can. What noticed a change is kept in
tests/mutants/killers.json and runs first the next time; at the end those tests must pass on the tree as it is.
"""

import argparse
import json

from cnnlib.table import Table
from tools import ROOT, ToolError, run
from tools.mutants.changes import FOLDER, Change, read
from tools.mutants.pool import tried
from tools.mutants.trial import LIMIT, Outcome

KILLERS = FOLDER / "killers.json"
LEAST_KILLED = 0.9


def is_killed(change: Change, outcome: Outcome) -> bool:
    """Tell whether a change was noticed: a test failed, or did not end where the change may cause an endless loop."""
    return bool(outcome.killer) or (change.loops and outcome.timed_out)


def verdict(change: Change, outcome: Outcome) -> str:
    """Say what is wrong about an outcome; an empty string if nothing is."""
    said = f"{change.file}: {change.line.strip()!r} -> {change.becomes.strip()!r}"
    if is_killed(change, outcome):
        return f"{said} is noticed by {outcome.killer}; remove its `survives`" if change.survives else ""
    if change.survives:
        return ""
    how = f"no test failed within {outcome.seconds:.0f} s" if outcome.timed_out else "no test failed"
    return f"{said} ({change.breaks}): {how}"


def table(outcomes: dict[Change, Outcome]) -> Table:
    """Count changes by kind, with a total."""
    kinds = dict.fromkeys(change.kind for change in sorted(outcomes, key=lambda change: change.kind))

    def row(name: str, chosen: list[Change]) -> tuple[str, int, int, int, int]:
        killed = sum(is_killed(change, outcomes[change]) for change in chosen)
        seconds = sum(outcomes[change].seconds for change in chosen)
        return name, len(chosen), killed, len(chosen) - killed, round(seconds)

    rows = [row(kind, [change for change in outcomes if change.kind == kind]) for kind in kinds]
    return Table(("kind", "changes", "killed", "survivors", "seconds"), rows, total=row("all", list(outcomes)))


def main() -> None:
    """Try the changes, print a line for each that matters and the table, and remember what noticed each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="files or kinds (default: all changes)")
    parser.add_argument("--seconds", type=float, default=LIMIT, help="for the tests of one change (default: %(default)g)")
    options = parser.parse_args()
    everything = read()
    changes = [one for one in everything if not options.names or {one.file, one.kind} & set(options.names)]
    for change in changes:
        change.applied((ROOT / change.file).read_text(encoding="utf-8"))
    killers = json.loads(KILLERS.read_text(encoding="utf-8")) if KILLERS.exists() else {}
    outcomes, wrong = {}, []
    for change, outcome in tried(changes, killers, options.seconds):
        outcomes[change] = outcome
        if sentence := verdict(change, outcome):
            wrong.append(sentence)
            print(sentence, flush=True)
    known = {change.key: outcome.killer for change, outcome in outcomes.items() if outcome.killer}
    kept = {change.key for change in everything}
    remembered = {key: name for key, name in (killers | known).items() if key in kept}
    KILLERS.write_text(json.dumps(remembered, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(outcomes))
    share = sum(is_killed(*item) for item in outcomes.items()) / max(1, len(outcomes))
    if wrong or share < LEAST_KILLED:
        raise ToolError(
            f"{share:.0%} of {len(outcomes)} changes are noticed; {len(wrong)} outcomes above need a test or a reason"
        )


if __name__ == "__main__":
    run(main)
