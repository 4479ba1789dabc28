"""Open JupyterLab on the first lesson, or print its address where no browser can open."""

import argparse
import os
import secrets
import socket
import sys

from tools import ROOT


def main() -> int:
    """Start JupyterLab on loopback; say in a sentence what is wrong with the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="8888")
    parser.add_argument("--allow-root", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    if not options.port.isdecimal() or not 1024 <= int(options.port) <= 65535:
        print(f"PORT must be a number from 1024 to 65535, got {options.port!r}.", file=sys.stderr)
        return 1
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(options.port)))
        except OSError:
            print(f"Port {options.port} is in use; choose another one: make lab PORT={int(options.port) + 1}", file=sys.stderr)
            return 1
    first = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))[0]
    token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))
    print("JupyterLab opens the first lesson. If no browser opens, copy this address into one; stop it with Ctrl-C, twice.")
    print(f"\n    http://127.0.0.1:{options.port}/lab/tree/lessons/{first.name}?token={token}\n", flush=True)
    settings = str(ROOT / "tools" / "jupyter")  # no question about news, no teacher's buttons
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (settings, os.environ.get("JUPYTER_CONFIG_PATH"))))
    command = [f"--LabApp.default_url=/lab/tree/lessons/{first.name}", "--ip=127.0.0.1", f"--port={options.port}"]
    command += [
        "--ServerApp.port_retries=0",
        "--ServerApp.log_level=WARN",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    command += [flag for flag, given in (("--allow-root", options.allow_root), ("--no-browser", options.no_browser)) if given]
    os.chdir(ROOT)
    from jupyterlab.labapp import LabApp  # in this process: whoever ends it ends the server and its kernels

    LabApp.launch_instance(command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
