"""What the areas of headquarters' lists share: figures against goals, invented persons, a headquarters with one box."""

import json
import random
import subprocess
import sys

GIVEN = "Amina Daniel Grace Peter Fatuma Joseph Halima David Zainab Samuel Mariam Isaac Neema Yusuf Esther Ali".split()
FAMILY = "Otieno Mwangi Abdi Hassan Nkurunziza Uwimana Mushi Kamau Tesfaye Bekele Ndayishimiye Juma Okello Musa".split()


def invented(chance):
    """A name that nobody else has, of some of its own syllables and some common words."""
    own = "".join(chance.choice("bdfgjklmnrstwz") + chance.choice("aeiou") for _ in range(3)).capitalize()
    return f"{chance.choice(GIVEN)} {own} {chance.choice(FAMILY)}"


def write_persons(path, count):
    """So many invented persons as headquarters' documented CSV; the same ones each time."""
    chance = random.Random(11)
    with open(path, "w") as out:
        out.write("entry,names,birth,sex,nationality,documents,action,handling,expires\n")
        for n in range(count):
            birth = f"{chance.randint(1940, 2008)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            out.write(f"UTO-P-{n},{invented(chance)},{birth},{chance.choice('FM')},UTO,,refer,open,2031-12-31\n")


class Figures:
    """One line per figure, with its goal where it has one; `met` says whether all goals were met."""

    def __init__(self, area, width=58, decimals=3):
        self.area, self.width, self.decimals, self.met = area, width, decimals, True

    def line(self, name, value, unit, most=None, least=None):
        said = f"{self.area}  {name:<{self.width}} {value:>10.{self.decimals}f} {unit:<3}"
        if most is None and least is None:
            print(f"{said} for comparison", flush=True)
            return
        good = value <= most if least is None else value >= least
        self.met &= good
        goal = f"<= {most}" if least is None else f">= {least}"
        print(f"{said} goal {goal:<9} {'met' if good else 'NOT MET'}", flush=True)


def run(*words):
    """What the program printed; ends this one with the program's own words where it fails."""
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words[:6]))} …: {done.stderr.strip()[-400:]}")
    return done.stdout


class ListedBox:
    """A headquarters and one box of its own, in a folder."""

    def __init__(self, programs, folder):
        self.folder, self.mpaka, self.hq = folder, programs / "mpaka", programs / "mpaka-hq"
        self.state = folder / "state"

    def found(self):
        """Makes headquarters' keys, and enrols the box."""
        self.at_hq("ceremony", "--threshold", 2, "--keys", 3)
        self.at_box("enrol", "--post", "UTOPIA-GATE-1", "--hq-public", self.folder / "hq/hq-public.json",
                    "--root", self.folder / "hq/roots/1.root.json")
        self.at_hq("enrol", self.state / "device-public.json")

    def import_list(self, source, basis, *files):
        """Takes the files as the list of this source; headquarters' report of it."""
        return json.loads(self.at_hq("import", "--json", *files, "--source", source, "--legal-basis", basis).splitlines()[-1])

    def publish(self, *words):
        """Two people approve what is listed; it is published, and the box takes it. What the box says of its list."""
        for approver in ("a.first", "b.second"):
            self.at_hq("approve", "--by", approver)
        self.at_hq("publish", "--out", self.folder / "repository", *words)
        self.at_box("editions", "take", self.folder / "repository")
        return self.edition()

    def edition(self):
        return json.loads(self.at_box("--json", "editions", "list").splitlines()[-1])

    def at_hq(self, *words):
        return run(self.hq, "--state", self.folder / "hq", *words)

    def at_box(self, *words):
        return run(self.mpaka, "--state", self.state, *words)
