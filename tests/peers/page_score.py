"""Zones read by our program and by its peers, counted by one rule.

    page_score.py --mpaka PROGRAM [--answers FILE] --set NAME=FOLDER...

A folder holds pictures and their truth: ground_truth.json (file name to lines) or truth.jsonl as the press of
Utopia writes it (pictures that nobody could read are left out).

* exact: every line as printed.
* key fields: document number, birth and expiry as printed (by their places; the zone's length may be wrong).
* valid but wrong: not as printed, all check digits agree, and the engine itself does not doubt it.
* CPU: processor time of one picture with models loaded (median, and 95th percentile), one thread.
* CPU cold: the same for a program started for one picture, models loaded and all.

Ratios are above 1 where ours is better: ours over all peers together where more is better, the best peer over
ours where less is.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

READER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page_reader.py")
PEERS = ["passporteye", "fastmrz", "tesseract"]
ALL_PEERS = "any peer"


def truth_of(folder):
    one = os.path.join(folder, "ground_truth.json")
    if os.path.exists(one):
        with open(one, encoding="utf-8") as file:
            return {name: lines for name, lines in json.load(file).items() if lines}
    with open(os.path.join(folder, "truth.jsonl"), encoding="utf-8") as file:
        truths = [json.loads(line) for line in file]
    return {t["image"]: t["mrz"] for t in truths if t["mrz"] and t["legible"] != "no"}


def digit(text):
    """The check digit of Doc 9303-3 section 4.9; None for text outside the zone's alphabet."""
    total = 0
    for place, sign in enumerate(text):
        if sign == "<":
            value = 0
        elif sign.isascii() and (sign.isdigit() or "A" <= sign <= "Z"):
            value = int(sign, 36)
        else:
            return None
        total += value * (7, 3, 1)[place % 3]
    return str(total % 10)


def key_fields(lines):
    """Number, birth, expiry by their places; None where there are not as many lines as a zone has."""
    if len(lines) == 3:
        number = lines[0][5:14]
        overflow = lines[0][15:].split("<")[0]
        # A long number goes on in the optional data, its check digit last (Doc 9303-5 section 4.2.2.1).
        if lines[0][14:15] == "<" and overflow:
            number += overflow[:-1]
        return number.strip("<"), lines[1][0:6], lines[1][8:14]
    if len(lines) == 2:
        return lines[1][0:9].strip("<"), lines[1][13:19], lines[1][21:27]
    return None


def digits_agree(lines):
    """Whether it is a zone by its shape and every check digit that its format has is right."""
    shape = [len(line) for line in lines]
    if shape == [30, 30, 30]:
        upper, middle = lines[0], lines[1]
        number, check = upper[5:14], upper[14]
        overflow = upper[15:].split("<")[0]
        if check == "<" and overflow:
            number, check = number + overflow[:-1], overflow[-1]
        pairs = [(number, check), (middle[0:6], middle[6]), (middle[8:14], middle[14])]
        pairs.append((upper[5:30] + middle[0:7] + middle[8:15] + middle[18:29], middle[29]))
    elif shape in ([36, 36], [44, 44]):
        lower = lines[1]
        pairs = [(lower[0:9], lower[9]), (lower[13:19], lower[19]), (lower[21:27], lower[27])]
        if not lines[0].startswith("V"):
            end = shape[0] - 1
            if end == 43 and not (set(lower[28:42]) == {"<"} and lower[42] == "<"):
                pairs.append((lower[28:42], lower[42]))
            pairs.append((lower[0:10] + lower[13:20] + lower[21:end], lower[end]))
    else:
        return False
    return all(digit(text) == check for text, check in pairs)


def lines_of(command, engine, total):
    """The JSON lines that a program prints, with progress; and the processor milliseconds it used in all."""
    environment = dict(os.environ, OMP_THREAD_LIMIT="1", OMP_NUM_THREADS="1")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answers = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        for line in program.stdout:
            answers.append(json.loads(line))
            if sys.stderr.isatty():
                print(f"\r{engine}: {len(answers)}/{total}  ", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return answers, 1000 * used, program.returncode


def ours(program, paths):
    """Our program's answers in the peers' form: it doubts a zone of which a check other than expiry fails."""
    answers, used, _ = lines_of([program, "page", "--json", *paths], "mpaka", len(paths))
    for answer in answers:
        about_zone = [c for c in answer["checks"] if c["check"].startswith("zone.")]
        doubts = [c for c in about_zone if c["check"] != "zone.document_validity" and c["outcome"] in ("Failed", "Undetermined")]
        answer["valid"] = not doubts
    return answers, used - sum(answer["ms"] for answer in answers)


def peers_answers(engine, paths):
    answers, used, _ = lines_of([sys.executable, READER, engine, *paths], engine, len(paths) + 1)
    if not answers:
        return None
    return answers[1:], answers[0]["ms"]


class Tally:
    """What one engine made of one set."""

    def __init__(self, answers, start_ms, truth):
        self.exact, self.key, self.wrong = set(), set(), set()
        self.start = start_ms
        self.cpu = [answer["ms"] for answer in answers]
        for answer in answers:
            name = os.path.basename(answer["image"])
            read, printed = answer["mrz"], truth[name]
            if read == printed:
                self.exact.add(name)
            elif digits_agree(read) and answer["valid"] is not False:
                self.wrong.add(name)
            if key_fields(read) == key_fields(printed):
                self.key.add(name)

    def median(self):
        return statistics.median(self.cpu)

    def cold(self):
        return self.start + self.median()

    def late(self):
        ordered = sorted(self.cpu)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def over(more, less):
    return f"{more / less:.2f}" if less else "-"


def report(name, count, tallies):
    """One line per figure, the ratio last."""
    peers = [engine for engine in PEERS if engine in tallies]
    absent = [f"{engine} absent" for engine in PEERS if engine not in tallies]
    head = f"page {name} ({count} pictures)"

    def line(figure, values, ratio):
        parts = [f"{engine} {value}" for engine, value in values] + absent
        print(f"{head} {figure}: {', '.join(parts)}; ratio {ratio}", flush=True)

    mine = tallies["mpaka"]
    for figure, of in (("whole zone exact", lambda t: t.exact), ("key fields exact", lambda t: t.key)):
        union = set().union(*(of(tallies[engine]) for engine in peers))
        shares = [(engine, f"{100 * len(of(t)) / count:.1f} %") for engine, t in tallies.items()]
        shares.append((ALL_PEERS, f"{100 * len(union) / count:.1f} %"))
        line(figure, shares, over(len(of(mine)), len(union)) if peers else "-")
    union = set().union(*(tallies[engine].wrong for engine in peers))
    wrong = [(engine, len(t.wrong)) for engine, t in tallies.items()] + [(ALL_PEERS, len(union))]
    line("valid but wrong", wrong, over(len(union), len(mine.wrong)))
    for figure, of in (("CPU median", Tally.median), ("CPU 95th", Tally.late), ("CPU cold", Tally.cold)):
        values = [(engine, f"{of(t):.0f} ms") for engine, t in tallies.items()]
        line(figure, values, over(min(of(tallies[engine]) for engine in peers), of(mine)) if peers else "-")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpaka", required=True)
    parser.add_argument("--answers")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=FOLDER")
    words = parser.parse_args()
    kept = open(words.answers, "w", encoding="utf-8") if words.answers else None
    if not words.set:
        sys.exit("page_score.py: no pictures")
    for one in words.set:
        name, folder = one.split("=", 1)
        truth = truth_of(folder)
        paths = [os.path.join(folder, picture) for picture in sorted(truth)]
        tallies = {}
        for engine in ["mpaka", *PEERS]:
            read = ours(words.mpaka, paths) if engine == "mpaka" else peers_answers(engine, paths)
            if read is None:
                continue
            answers, start = read
            if len(answers) != len(paths):
                sys.exit(f"{engine} answered {len(answers)} of {len(paths)} pictures of {name}")
            tallies[engine] = Tally(answers, start, truth)
            for answer in answers if kept else []:
                kept.write(json.dumps({"set": name, "engine": engine, **{k: answer[k] for k in ("image", "mrz", "valid", "ms")}}) + "\n")
        report(name, len(truth), tallies)


main()
