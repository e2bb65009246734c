"""The search of the list, measured through the programs: see screen.sh.

Times are the answers' own `ms`, which is processor time of the searching program; its memory is the kernel's count of
the most that was ever resident of it, the mapped list with it.
"""

import argparse
import collections
import csv
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import listed_names
from listed_box import Figures, ListedBox, write_persons

COLUMNS = ("name", "surname", "given_names", "birth")
# What a disk may hold for a document: 900 MB for a hundred million.
BYTES_PER_DOCUMENT = 9
Asked = collections.namedtuple("Asked", "kind entry row")
ZONE, ALIAS_ZONE, ALIAS = "zone form", "aliases in zone form", "aliases as listed"
TRAVELLERS = "travellers"


def queries_of(listed, travellers, most):
    """Every question, about the listed at most so many of a kind (0: all), in an order that is not the list's own. Of
    travellers all are asked: a tenth of a percent of fewer is a handful."""
    kinds = collections.defaultdict(list)

    def ask(kind, person, row):
        dated = "with birth date" if person.birth else "no full birth date"
        kinds[kind, dated].append(Asked((kind, dated), person.entry, {**row, "birth": person.birth}))

    for person in listed:
        for kind, parts in [(ZONE, person.name)] + [(ALIAS_ZONE, parts) for _, parts in person.aliases]:
            form = listed_names.zone_form(*parts)
            if form:
                ask(kind, person, {"surname": form[0], "given_names": form[1]})
        for name, _ in person.aliases:
            ask(ALIAS, person, {"name": name})
    chance = random.Random(6)
    asked = []
    for of_kind in kinds.values():
        asked += chance.sample(of_kind, min(most or len(of_kind), len(of_kind)))
    with open(travellers, encoding="utf-8", newline="") as file:
        asked += [Asked((TRAVELLERS,), None, {"name": row["full_name"], "birth": row["date_of_birth"]})
                  for row in csv.DictReader(file)]
    chance.shuffle(asked)
    return asked


def most_resident(pid):
    """The most that was ever resident of it, MB; 0 where it has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else 0


def screen(box, asked):
    """The answers of one `mpaka screen` to all questions, and the most memory it had."""
    path = box.folder / "queries.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(question.row for question in asked)
    with tempfile.TemporaryFile() as complaints:
        words = [box.mpaka, "--state", box.state, "--json", "screen", "--queries", path]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8")
        answers, resident = [], 0
        for line in process.stdout:
            answers.append(json.loads(line))
            # While it runs: to an ended child the kernel counts what its parent had before the program began.
            resident = max(resident, most_resident(process.pid))
        if process.wait() or len(answers) != len(asked):
            complaints.seek(0)
            sys.exit(f"screen: {len(answers)} answers to {len(asked)} questions: {complaints.read().decode()[-400:]}")
    return answers, resident


def at(times, share):
    return times[min(int(len(times) * share), len(times) - 1)]


class Found:
    """How many questions of each kind found what they should, and how many travellers anything."""

    def __init__(self, asked, answers):
        self.asked, self.right, self.misses = collections.Counter(), collections.Counter(), []
        for question, answer in zip(asked, answers):
            entries = [candidate["entry"] for candidate in answer["candidates"]]
            right = question.entry in entries if question.entry else not entries
            self.asked[question.kind] += 1
            self.right[question.kind] += right
            if not right:
                first = answer["candidates"][:1]
                row = question.row
                name = row.get("name") or f"{row['surname']}, {row['given_names']}"
                self.misses.append([", ".join(question.kind), question.entry or "", name, row["birth"],
                                    *(f"{c['entry']} {c['score']:.3f}" for c in first)])

    def print(self, figures, before, wanted):
        """The shares; against the goals where they are wanted."""
        for kind in sorted(self.asked, key=lambda kind: (kind[0] == TRAVELLERS, kind[-1] != "with birth date", kind)):
            count = self.asked[kind]
            if kind[0] == TRAVELLERS:
                share = (count - self.right[kind]) / count * 100
                figures.line(f"{before}{count} travellers not listed, with a candidate", share, "%", most=0.1 if wanted else None)
            else:
                goal = 0.98 if wanted and kind[1] == "with birth date" else None
                figures.line(f"{before}recall, {', '.join(kind)} ({count})", self.right[kind] / count, "", least=goal)


def measure(figures, box, asked, before, slowest, resident_most, wanted):
    answers, resident = screen(box, asked)
    found = Found(asked, answers)
    found.print(figures, before, wanted)
    times = sorted(answer["ms"] for answer in answers)
    figures.line(f"{before}a query, median of {len(times)}", at(times, 0.5), "ms")
    figures.line(f"{before}a query, p95", at(times, 0.95), "ms", most=slowest)
    figures.line(f"{before}most ever resident of the searching program", resident, "MB", most=resident_most)
    return found.misses


def documents(figures, bench, count, folder):
    """The documents' example, its sentences as figures. Its progress bar is on the error output."""
    done = subprocess.run([bench, str(count), folder], stdout=subprocess.PIPE, text=True)
    said = re.search(
        r"(?P<count>\d+) documents built in (?P<built>[\d.]+) s of processor time; VmHWM: (?P<resident>\d+) kB; (?P<disk>[\d.]+) MB on disk\n"
        r"(?P<lookups>\d+) lookups, (?P<found>\d+) found: processor time p50 (?P<p50>[\d.]+) us, p99 (?P<p99>[\d.]+) us .*\n"
        r"a step of (?P<changes>\d+) changes: (?P<bytes>\d+) bytes, applied in (?P<applied>[\d.]+) ms", done.stdout)
    if done.returncode or not said:
        sys.exit(f"screen: {bench} ended with {done.returncode} and said: {done.stdout[-400:]}")
    value = {name: float(number) for name, number in said.groupdict().items()}
    # Half of what it asks for is listed: with another share it measured something else.
    if not 0.45 < value["found"] / value["lookups"] < 0.55:
        sys.exit(f"screen: {value['found']:.0f} of {value['lookups']:.0f} documents were found, and half are listed")
    before = f"{value['count']:.0f} documents: "
    figures.line(f"{before}built, processor time", value["built"], "s")
    figures.line(f"{before}most ever resident while built", value["resident"] * 1024 / 1e6, "MB", most=1000)
    figures.line(f"{before}on disk", value["disk"], "MB", most=round(value["count"] * BYTES_PER_DOCUMENT / 1e6, 1))
    figures.line(f"{before}a lookup, median of {value['lookups']:.0f}", value["p50"], "us")
    figures.line(f"{before}a lookup, p99", value["p99"], "us", most=200)
    figures.line(f"{before}a step of {value['changes']:.0f} changes", value["bytes"] / 1e3, "kB", most=150)
    figures.line(f"{before}that step applied, processor time", value["applied"] / 1e3, "s", most=2)


def main():
    parser = argparse.ArgumentParser()
    for word in ("programs", "dir", "lists", "travellers", "documents-bench"):
        parser.add_argument(f"--{word}", type=pathlib.Path, required=True)
    for word in ("persons", "documents", "queries"):
        parser.add_argument(f"--{word}", type=int, required=True)
    parser.add_argument("--misses", type=pathlib.Path)
    words = parser.parse_args()
    figures = Figures("screen", width=76, decimals=4)

    by_source = {"OFAC": listed_names.ofac(words.lists), "UN": listed_names.united_nations(words.lists / "UN_consolidated.xml")}
    listed = [person for persons in by_source.values() for person in persons]
    asked = queries_of(listed, words.travellers, words.queries)
    box = ListedBox(words.programs, words.dir)
    box.found()
    for source, file in (("OFAC", ["--ofac", words.lists]), ("UN", ["--un", words.lists / "UN_consolidated.xml"])):
        taken = box.import_list(source, "Utopian Border Act, section 12", *file)["persons"]
        if taken != len(by_source[source]):
            sys.exit(f"screen: {taken} persons of {source} were imported, and its file has {len(by_source[source])}")
    print(f"screen: the list of the box: {json.dumps(box.publish())}", flush=True)
    misses = [["all OFAC and UN", *miss] for miss in measure(figures, box, asked, "", 2, None, True)]

    more = words.persons - len(listed)
    if words.persons > 0 >= more:
        print(f"screen: {words.persons} persons are no more than the {len(listed)} real ones: not measured again", file=sys.stderr)
    if more > 0:
        print(f"screen: {more} invented persons are listed beside them", file=sys.stderr)
        write_persons(words.dir / "persons.csv", more)
        box.import_list("utopia", "Utopian Border Act, section 12", "--persons", words.dir / "persons.csv")
        print(f"screen: the list of the box: {json.dumps(box.publish('--full'))}", flush=True)
        before = f"{words.persons} persons: "
        misses += [[f"{words.persons} persons", *miss] for miss in measure(figures, box, asked, before, 15, 600, False)]
    if words.misses:
        with open(words.misses, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([["list", "kind", "entry", "name", "birth", "first candidate"], *misses])
    if words.documents > 0:
        documents(figures, words.documents_bench, words.documents, words.dir)
    sys.exit(0 if figures.met else 1)


if __name__ == "__main__":
    main()
