#!/usr/bin/env python3
"""Applies the deliberate bugs of mutants.json one at a time and runs the tests that should notice.

    tests/mutants/run.py            all of them
    tests/mutants/run.py 3 7        these, counted from 1

Prints a row for each and exits 1 if one is not noticed. Needs a clean work tree; what it changes it puts back.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def failed_tests(output):
    lines = (line.split() for line in output.splitlines())
    return [words[1] for words in lines if len(words) > 3 and words[0] == "test" and words[-1] == "FAILED"]


def outcome(mutant):
    path = ROOT / mutant["file"]
    text = path.read_text()
    if text.count(mutant["find"]) != 1:
        return "STALE", f"the place is there {text.count(mutant['find'])} times"
    path.write_text(text.replace(mutant["find"], mutant["replace"]))
    try:
        options, filters = mutant["tests"][:-1], mutant["tests"][-1].split()
        built = run("cargo", "test", "--locked", "--no-run", *options[:-1])
        if built.returncode != 0:
            return "BROKEN", built.stderr.strip().splitlines()[-1]
        tested = run("cargo", "test", "--locked", "--no-fail-fast", *options, *filters)
        if tested.returncode == 0:
            return "MISSED", ""
        return "noticed", ", ".join(failed_tests(tested.stdout)[:3]) or "the run did not end well"
    finally:
        path.write_text(text)


def main():
    if run("git", "status", "--porcelain", "--untracked-files=no").stdout.strip():
        sys.exit("the work tree is not clean")
    mutants = json.loads((ROOT / "tests/mutants/mutants.json").read_text())
    chosen = [int(word) for word in sys.argv[1:]] or range(1, len(mutants) + 1)
    missed = 0
    for number in chosen:
        mutant = mutants[number - 1]
        word, detail = outcome(mutant)
        missed += word != "noticed"
        print(f"{number:>2}  {word:<8} {mutant['bug']}\n              {detail}", flush=True)
    print(f"{len(chosen)} deliberate bugs: {len(chosen) - missed} noticed, {missed} not")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
