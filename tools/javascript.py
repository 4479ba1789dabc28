"""Check the types of the course's own JavaScript, whose comments declare them: TypeScript's `tsc` with jsconfig.json."""

import subprocess

from tools import ROOT, run
from tools.vendored import node, node_modules


def main() -> int:
    """Run `tsc`, which npm installs beside the packages of the pages, and return its exit code."""
    compiler = node_modules() / "typescript" / "bin" / "tsc"
    code = subprocess.run([node(), compiler, "--project", ROOT / "jsconfig.json"], check=False).returncode
    print("tsc finds no error" if code == 0 else "tsc finds errors")
    return code


if __name__ == "__main__":
    run(main)
