"""Fuzz one target, or each in turn: ``python -m fuzz [TARGET] [SECONDS]`` in ``tests/``.

atheris measures which lines an input reaches and keeps what reaches new ones. What breaks a
target is written to ``build/fuzz/TARGET/crash-…``: mend it, and put the file into ``corpus/``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SEEDS = Path(__file__).parent / "corpus"
FOUND = Path(__file__).parent.parent.parent / "build" / "fuzz"


def one(name: str, seconds: int) -> None:
    """Fuzz a target in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["ghsync"]):
        from fuzz.targets import TARGETS

    folder = FOUND / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", "-timeout=10", "-max_len=4096", "-rss_limit_mb=2048"]
    places = [f"-artifact_prefix={folder}/", str(folder / "corpus"), str(SEEDS / name)]
    atheris.Setup([sys.argv[0], *options, *places], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Fuzz what the command line names; the first target that breaks ends it."""
    words = sys.argv[1:]
    seconds = int(words.pop()) if words and words[-1].isdigit() else 60
    if len(words) == 1:
        one(words[0], seconds)
        return 0
    for name in sorted(path.name for path in SEEDS.iterdir()):
        print(f"==> {name}, {seconds} s", flush=True)
        command = [sys.executable, "-m", "fuzz", name, str(seconds)]
        if code := subprocess.run(command, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
