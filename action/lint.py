"""Check ``action.yml`` and the workflows with the tools that know GitHub's rules: ``make lint``.

zizmor looks for what an attacker could use, actionlint (with shellcheck) for what would not run,
and the schemas of check-jsonschema for keys that do not exist.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ACTION = ROOT / "action.yml"
WORKFLOWS = (
    *sorted((ROOT / ".github/workflows").glob("*.yml")),
    *sorted((ROOT / "examples/workflows").glob("*.yml")),
)


def main() -> int:
    """Run every tool, even after one has found something; 1 if any has."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = [str(path) for path in scripts_of_the_action(Path(folder))]
        workflows = [str(path.relative_to(ROOT)) for path in WORKFLOWS]
        dependabot = ".github/dependabot.yml"
        schema = "check-jsonschema", "--quiet", "--builtin-schema"
        found = [
            # Offline: what it finds must not depend on a token, nor on GitHub being up.
            call("zizmor", "--offline", "--quiet", dependabot, "action.yml", *workflows),
            call("actionlint", "-shellcheck", str(BIN / "shellcheck"), "-pyflakes", "", *workflows),
            call("shellcheck", "--shell", "bash", *scripts),
            call(*schema, "vendor.github-workflows", *workflows),
            call(*schema, "vendor.github-actions", "action.yml"),
            call(*schema, "vendor.dependabot", dependabot),
        ]
    return int(any(found))


def scripts_of_the_action(folder: Path) -> list[Path]:
    """Each ``run:`` of the Action as a file, which actionlint does not look into."""
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    made = []
    for step in steps:
        if "run" in step:
            path = folder / f"{step['id']}.sh"
            names = "".join(f"export {name}=x\n" for name in step.get("env", {}))
            path.write_text(f"{names}{step['run']}", encoding="utf-8")
            made.append(path)
    return made


def call(program: str, *arguments: str) -> int:
    """Run a tool of the virtual environment at the project's top; its exit code."""
    return subprocess.run([BIN / program, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
