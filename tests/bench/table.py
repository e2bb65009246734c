"""The lines that the areas of tests/bench.sh print, as one table: figure, ours, peer, ratio, goal, whether it is met.

    table.py LINES --text FILE --html FILE [--title TEXT]

Every line of LINES begins with its area and a tab. Areas print for people, each in its own words; what is understood of
them stands in FORMS, and a line that none of them knows is left out of the table and kept below it. Some areas print a
figure without the goal that was set for it; those goals are in GOALS.
"""

import argparse
import html
import re
import sys

NUMBER = r"(-?\d+(?:\.\d+)?)"
# Area, and what of its lines becomes a row: name, ours, peer, unit, ratio, goal ("<= 2"; of the ratio where it begins
# with "ratio"; several with "; " between).
FORMS = {
    "desk": [rf"desk  (?P<name>.+?) +{NUMBER.replace('(', '(?P<ours>', 1)} (?P<unit>\S*) *goal (?P<goal><= \S+)"],
    "budgets": [rf"budgets  (?P<name>.+?) +{NUMBER.replace('(', '(?P<ours>', 1)} (?P<unit>\S*) *goal (?P<goal><= \S+)"],
    "hq": [rf"hq  (?P<name>.+?) +{NUMBER.replace('(', '(?P<ours>', 1)} (?P<unit>\S*) *goal (?P<goal>[<>]= \S+)"],
    "screen": [rf"screen  (?P<name>.+?) +{NUMBER.replace('(', '(?P<ours>', 1)} (?P<unit>\S*) *goal (?P<goal>[<>]= \S+)"],
    "chip": [r"chip: (?P<name>wall to commands times round trip) (?P<ratio>[\d.]+) \(goal (?P<most>[\d.]+)\)",
             r"chip: (?P<name>.+?) (?P<ours>[\d.]+) (?P<unit>ms) \(goal (?P<most>[\d.]+)\)"],
    "page": [r"page (?P<name>.+?): mpaka (?P<ours>[\d.]+) ?(?P<unit>%|ms)?,? ?(?P<peers>.*?); ratio (?P<ratio>[\d.]+|-)"],
    "faces": [r"faces (?P<name>cosine, greatest difference): (?P<ours>[\d.]+) \(at most (?P<most>[\d.]+) wanted\)",
              r"faces (?P<name>compare .+?), CPU ms, (?P<of>least|median): ours (?P<ours>[\d.]+), (?P<who>OpenCV \S+) (?P<peer>[\d.]+), ratio (?P<ratio>[\d.]+)",
              r"faces (?P<name>gallery .+?, ten best), CPU ms, least [\d.]+, median (?P<ours>[\d.]+); recall of the exact ten",
              r"faces (?P<name>gallery) of .+; (?P<of>recall) of the exact ten (?P<ours>[\d.]+)",
              r"faces (?P<name>gallery .+?), (?P<who>FAISS .+?): CPU ms, least [\d.]+, median (?P<peer>[\d.]+); recall .*ratio (?P<ratio>[\d.]+)"],
    "names": [r"(?P<name>\S+ +pairs +\d+)  F1 ours (?P<ours>[\d.]+)(?:  (?P<who>logic-v2) (?P<peer>[\d.]+))?",
              r"(?P<name>(?P<who>\S+) / (?:ours|whole program)): (?P<ratio>[\d.]+)x"],
    "calibration": [r"calibration (?P<name>\w+): ours (?P<ours>[\d.]+) (?P<unit>%) from the truth, (?P<who>OpenCV \S+) (?P<peer>[\d.]+) %.*ratio (?P<ratio>[\d.]+|inf)"],
    "records": [r"(?P<name>where each sync .+?): store (?P<ours>\d+) a second, (?P<who>bare SQLite) (?P<peer>\d+), (?P<ratio>[\d.]+) of it",
                r"(?P<name>store) (?P<ours>\d+) a second .*?, (?P<who>bare SQLite) (?P<peer>\d+) a second .*ratio (?P<ratio>[\d.]+)",
                r"(?P<name>headquarters) (?P<ours>\d+) verified parcels a second .*?, (?P<who>bare inserts) (?P<peer>\d+) .*ratio (?P<ratio>[\d.]+)"],
}
# Area, a figure's name, and its goal. A store is held to a card's syncs, which are the box's, to those of an ordinary disk,
# and to this machine's.
GOALS = [
    ("page", r"whole zone exact", "ratio >= 1"),
    ("page", r"valid but wrong", "<= 0"),
    ("page", r"CPU median", "ratio >= 5"),
    ("names", r"logic-v2 / ours", "ratio >= 100"),
    ("calibration", r".", "<= 0.5"),
    ("faces", r"compare", "<= 60; ratio <= 0.8"),
    ("faces", r"gallery .*ten best", "<= 7"),
    ("faces", r"recall", ">= 0.999"),
    ("records", r"store|each sync", "ratio >= 0.8"),
    ("records", r"headquarters", ">= 10000"),
]


def rows_of(area, line):
    """What a line says."""
    for form in FORMS.get(area, []):
        found = re.search(form, line)
        if not found:
            continue
        said = {key: value for key, value in found.groupdict().items() if value}
        name = said["name"].strip() + (f", {said['of']}" if "of" in said else "")
        unit = f" {said['unit']}" if said.get("unit") else ""
        peer = f"{said['who']} {said['peer']}{unit}" if "peer" in said else said.get("peers", "")
        goal = said.get("goal") or (f"{'<=' if 'ours' in said else 'ratio <='} {said['most']}" if "most" in said else "")
        if not goal:
            goal = next((g for a, pattern, g in GOALS if a == area and re.search(pattern, name)), "")
        row = {"area": area, "figure": name, "ours": said.get("ours", "") + (unit if "ours" in said else ""),
               "peer": peer, "ratio": said.get("ratio", ""), "goal": goal, "met": ""}
        row["bars"] = [float(said[key]) for key in ("ours", "peer") if key in said]
        row["met"] = met(goal, said)
        yield row


def met(goal, said):
    if not goal:
        return ""
    values = [(part, said.get("ratio" if part.startswith("ratio ") else "ours")) for part in goal.split("; ")]
    if any(value in (None, "-", "inf") for _, value in values):
        return "?"
    return "met" if all(is_met(part, float(value)) for part, value in values) else "NOT MET"


def is_met(goal, value):
    way, bound = goal.removeprefix("ratio ").split()
    return value <= float(bound) if way == "<=" else value >= float(bound)


COLUMNS = ("area", "figure", "ours", "peer", "ratio", "goal", "met")


def as_text(rows):
    widths = {c: max(len(c), *(len(r[c]) for r in rows)) if rows else len(c) for c in COLUMNS}
    lines = ["  ".join(c.ljust(widths[c]) for c in COLUMNS), "  ".join("-" * widths[c] for c in COLUMNS)]
    lines += ["  ".join(r[c].ljust(widths[c]) for c in COLUMNS).rstrip() for r in rows]
    return "\n".join(lines) + "\n"


def plot(row):
    """Ours and the peer's as bars beside each other, or ours against its goal."""
    bars = [("ours", row["bars"][0])] if row["bars"] else []
    if len(row["bars"]) == 2:
        bars.append(("peer", row["bars"][1]))
    elif bars and row["goal"].startswith(("<=", ">=")):
        bars.append(("goal", float(row["goal"].split("; ")[0].split()[1])))
    most = max((v for _, v in bars), default=0)
    if len(bars) < 2 or most <= 0:
        return ""
    drawn = "".join(
        f'<rect class="{name}" x="0" y="{9 * at}" height="7" width="{max(1, 160 * value / most):.1f}"><title>{name} {value:g}</title></rect>'
        for at, (name, value) in enumerate(bars))
    words = ", ".join(f"{name} {value:g}" for name, value in bars)
    return f'<svg role="img" aria-label="{words}" width="160" height="18">{drawn}</svg>'


STYLE = """body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse}th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid #d0d7de;vertical-align:top}
td.no{color:#a40e26;font-weight:600}td.yes{color:#116329}.ours{fill:#1f5fa8}.peer,.goal{fill:#9aa4af}pre{background:#f6f8fa;padding:1rem;overflow:auto}"""


def as_html(rows, others, title):
    e = html.escape
    head = "".join(f"<th>{c}</th>" for c in (*COLUMNS, "plot"))
    body = ""
    for row in rows:
        kind = {"met": "yes", "NOT MET": "no"}.get(row["met"], "")
        cells = "".join(f'<td{f" class={kind}" if c == "met" and kind else ""}>{e(row[c])}</td>' for c in COLUMNS)
        body += f"<tr>{cells}<td>{plot(row)}</td></tr>\n"
    rest = f"<h2>Other lines</h2><pre>{e(chr(10).join(others))}</pre>" if others else ""
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{e(title)}</title><style>{STYLE}</style>'
            f"<h1>{e(title)}</h1><p>Blue: ours. Grey: the peer's, or the goal where there is no peer.</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>{rest}</html>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines")
    parser.add_argument("--text", required=True)
    parser.add_argument("--html", required=True)
    parser.add_argument("--title", default="Mpaka beside its peers")
    words = parser.parse_args()
    rows, others = [], []
    for line in open(words.lines, encoding="utf-8"):
        area, _, said = line.rstrip("\n").partition("\t")
        found = list(rows_of(area, said))
        rows += found
        if not found and said.strip():
            others.append(f"{area}  {said}")
    text = as_text(rows)
    open(words.text, "w", encoding="utf-8").write(text)
    open(words.html, "w", encoding="utf-8").write(as_html(rows, others, words.title))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
