"""A bridge to the explorers' modules: call their pure functions in one Node process and get the results as JSON."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from cnnlib.explorers.modules import bundle

PROGRAM = """
let text = "";
for await (const part of process.stdin) text += part;
const { modules, calls } = JSON.parse(text);
const loaded = {};
for (const [name, source] of Object.entries(modules)) {
  loaded[name] = await import("data:text/javascript;base64," + Buffer.from(source).toString("base64"));
}
const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
console.log(JSON.stringify(calls.map(([module, name, args]) => loaded[module][name](...args)), plain));
"""


def call(module: str, name: str, calls: list[list[Any]], source: str = "") -> list[Any]:
    """Call a function that a module exports once for each list of arguments; the test is skipped where Node is missing.

    `source` is the module's text, if it is not an explorer's.
    """
    if shutil.which("node") is None:
        pytest.skip("Node is not installed, so the explorers' JavaScript cannot be run here")
    given = json.dumps(
        {"modules": {module: source or bundle(module)}, "calls": [[module, name, arguments] for arguments in calls]}
    )
    command = ["node", "--input-type=module", "-e", PROGRAM]
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
