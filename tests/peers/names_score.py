"""Names compared by ours and by the peers on the same labelled pairs: F1 and processor time a pair.

Ours is timed twice. In process, as the peers are: the pairs are read beforehand, and the clock (of the process, like
`time.process_time`) runs over one comparison of each; that is what the ratios with a peer's name stand for. And as the
whole program `mpaka names compare`, its start left out: reading the file, parsing its columns and printing JSON count
too, which no peer does within its clock.
"""

import argparse
import csv
import itertools
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

THRESHOLD = 0.7

# What the whole program's time is called, beside "ours" in process.
WHOLE = "whole program"


def pairs_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(r["name1"], r["name2"], r["is_match"] == "true", r.get("schema") or "Person") for r in rows]


def f1(scores, pairs, threshold):
    both = sum(1 for s, p in zip(scores, pairs) if s >= threshold and p[2])
    ours = sum(1 for s in scores if s >= threshold)
    theirs = sum(1 for p in pairs if p[2])
    return 2 * both / max(ours + theirs, 1)


def child_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# Ours is so quick that one run over a set is little beside the program's start; it remembers no name, so that the
# same pairs over and over are no easier.
REPEATS = 10


def in_process(bench, folder):
    """Processor seconds of all pairs by set, as `host/watchlist/examples/names_bench.rs` measures them."""
    done = subprocess.run([bench, folder], check=True, capture_output=True, text=True, encoding="utf-8")
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return {row[0]: int(row[1]) * float(row[-1]) * 1e-6 for row in rows}


def whole_program(mpaka, path, pairs):
    """Scores, and processor seconds of all pairs: a run over them many times less a run over one, which is the start."""

    def run(file):
        before = child_seconds()
        done = subprocess.run(
            [mpaka, "--json", "names", "compare", "--pairs", file],
            check=True, capture_output=True, text=True, encoding="utf-8",
        )
        seconds = child_seconds() - before
        return [json.loads(line)["score"] for line in done.stdout.splitlines()], seconds

    with tempfile.TemporaryDirectory() as folder:
        single, many = pathlib.Path(folder, "single.tsv"), pathlib.Path(folder, "many.tsv")
        single.write_text("name1\tname2\nA\tB\n", encoding="utf-8")
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        many.write_text(header + "".join(rows) * REPEATS, encoding="utf-8")
        start = min(run(str(single))[1] for _ in range(3))
        scores, seconds = run(str(many))
    if len(scores) != len(pairs) * REPEATS:
        sys.exit(f"{path.name}: {len(scores)} answers to {len(pairs) * REPEATS} pairs")
    return scores[: len(pairs)], max(seconds - start, 1e-6) / REPEATS


def logic_v2():
    try:
        from followthemoney import EntityProxy, model  # noqa: F401
        from nomenklatura.matching import get_algorithm
        from nomenklatura.matching.types import ScoringConfig
    except ImportError as error:
        return str(error)
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config() if hasattr(algorithm, "default_config") else ScoringConfig.defaults()

    # What it works out of an entity is kept by the entity's id: each name gets its own.
    numbers = itertools.count()

    def entity(schema, name):
        return EntityProxy.from_dict({"id": f"n{next(numbers)}", "schema": schema, "properties": {"name": [name]}})

    def score(pair):
        name1, name2, _, schema = pair
        schema = schema if schema in ("Person", "Organization", "Company", "LegalEntity", "Vessel") else "Person"
        return algorithm.compare(entity(schema, name1), entity(schema, name2), config).score

    return score


def rapid():
    try:
        from rapidfuzz import fuzz, utils
    except ImportError as error:
        return str(error)
    return lambda pair: fuzz.token_sort_ratio(pair[0], pair[1], processor=utils.default_process) / 100


def measured(score, pairs):
    for pair in pairs[:20]:
        score(pair)
    start = time.process_time()
    scores = [score(pair) for pair in pairs]
    return scores, time.process_time() - start


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mpaka", required=True)
    arguments.add_argument("--bench", help="the example names_bench; without it ours is not timed in process")
    arguments.add_argument("--pairs", required=True, type=pathlib.Path)
    given = arguments.parse_args()
    peers = {"logic-v2": logic_v2(), "rapidfuzz": rapid()}
    for name, peer in peers.items():
        if isinstance(peer, str):
            print(f"names: {name} is absent: {peer}", file=sys.stderr)
    spent = {WHOLE: 0.0}
    alone = in_process(given.bench, given.pairs) if given.bench else {}
    counted = 0
    for path in sorted(given.pairs.glob("*.tsv")):
        pairs = pairs_of(path)
        counted += len(pairs)
        scores, seconds = whole_program(given.mpaka, path, pairs)
        spent[WHOLE] += seconds
        if path.stem in alone:
            spent["ours"] = spent.get("ours", 0.0) + alone[path.stem]
        line = f"{path.stem:20} pairs {len(pairs):5}  F1 ours {f1(scores, pairs, THRESHOLD):.3f}"
        for name, peer in peers.items():
            if isinstance(peer, str):
                continue
            scores, seconds = measured(peer, pairs)
            spent[name] = spent.get(name, 0.0) + seconds
            if name == "rapidfuzz":
                best = max((f1(scores, pairs, t / 100), t / 100) for t in range(40, 100))
                line += f"  {name} {best[0]:.3f} (at its best, {best[1]:.2f})"
            else:
                line += f"  {name} {f1(scores, pairs, THRESHOLD):.3f}"
        print(line, flush=True)
    micros = {name: seconds / counted * 1e6 for name, seconds in spent.items()}
    print("processor time a pair: " + ", ".join(f"{name} {us:.2f} us" for name, us in sorted(micros.items())))
    for name in peers:
        for own in ("ours", WHOLE):
            if name in micros and own in micros:
                print(f"{name} / {own}: {micros[name] / micros[own]:.1f}x")


if __name__ == "__main__":
    main()
