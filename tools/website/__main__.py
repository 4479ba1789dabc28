"""Make the website of the course in build/site from the executed notebooks: nothing is executed again.

python -m tools.website                      the lessons, the glossary, how to start, and the pages of docs/
python -m tools.website --executed FOLDER    with executed notebooks of a folder, for a trial; what changed since has no results
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tools import ROOT, run
from tools.website.pages import SOURCE, prepare

SITE = ROOT / "build" / "site"


def main() -> int:
    """Build the whole site; every warning of Sphinx is an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executed", type=Path, help="a folder of executed notebooks, in place of solutions/")
    prepare(parser.parse_args().executed)
    shutil.rmtree(SITE, ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-c", str(Path(__file__).parent)]
    done = subprocess.run([*sphinx, "-d", str(SITE.with_name("site-doctrees")), str(SOURCE), str(SITE)], cwd=ROOT)
    if done.returncode == 0:
        size = sum(file.stat().st_size for file in SITE.rglob("*") if file.is_file())
        print(f"build/site/index.html, {size / 1e6:.1f} MB: any web server can serve the folder, at any path")
    return done.returncode


if __name__ == "__main__":
    run(main)
