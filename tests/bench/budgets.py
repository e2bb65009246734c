"""The budgets of the appliance, measured on one box: see budgets.sh.

Memory is the kernel's own count of the running `mpaka serve`, the mapped list beside its own; times are of the clock on
the wall, with the processor time beside it; bytes written are those that the kernel put down for the disk on the
programs' account (getrusage's blocks of 512 bytes), which is what wears a card out.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

GIVEN = "Amina Daniel Grace Peter Fatuma Joseph Halima David Zainab Samuel Mariam Isaac Neema Yusuf Esther Ali".split()
FAMILY = "Otieno Mwangi Abdi Hassan Nkurunziza Uwimana Mushi Kamau Tesfaye Bekele Ndayishimiye Juma Okello Musa".split()
TICKS = os.sysconf("SC_CLK_TCK")


def invented(chance):
    """A name that nobody else has, of some of its own syllables and some common words."""
    own = "".join(chance.choice("bdfgjklmnrstwz") + chance.choice("aeiou") for _ in range(3)).capitalize()
    return f"{chance.choice(GIVEN)} {own} {chance.choice(FAMILY)}"


def write_lists(folder, persons, documents):
    chance = random.Random(11)
    with open(folder / "persons.csv", "w") as out:
        out.write("entry,names,birth,sex,nationality,documents,action,handling,expires\n")
        for n in range(persons):
            birth = f"{chance.randint(1940, 2008)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            out.write(f"UTO-P-{n},{invented(chance)},{birth},{chance.choice('FM')},UTO,,refer,open,2031-12-31\n")
    with open(folder / "documents.csv", "w") as out:
        out.write("number,state,type\n")
        for n in range(documents):
            out.write(f"S{n:08},UTO,P\n")


class Figures:
    def __init__(self):
        self.met = True

    def line(self, name, value, unit, goal=None):
        if goal is None:
            print(f"budgets  {name:<58} {value:>10.3f} {unit:<3} for comparison", flush=True)
            return
        good = value <= goal
        self.met &= good
        print(f"budgets  {name:<58} {value:>10.3f} {unit:<3} goal <= {goal:<6} {'met' if good else 'NOT MET'}", flush=True)


def run(*words):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"budgets: {' '.join(map(str, words[:6]))} …: {done.stderr.strip()[-400:]}")
    return done.stdout


def processor(pid):
    """Its processor time, and that of what it ran; seconds."""
    after = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, after[11:15])) / TICKS


def resident(pid):
    """Resident MB: all of it, and what is its own and not a mapped file."""
    status = dict(l.split(":", 1) for l in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in l)
    return [int(status[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "RssAnon")]


def serve(mpaka, state, models):
    """Starts the desk; the process, and how long it took until it answered."""
    port = tempfile.mktemp(dir=state.parent)
    begun = time.monotonic()
    process = subprocess.Popen([mpaka, "--state", state, "--models", models, "serve", "--listen", "127.0.0.1:0", "--port-file", port],
                               stdout=subprocess.DEVNULL, stderr=open(state.parent / "serve.log", "w"))
    while process.poll() is None and time.monotonic() - begun < 300:
        try:
            number = int(pathlib.Path(port).read_text())
            urllib.request.urlopen(f"http://127.0.0.1:{number}/sign-in", timeout=60).read()
            return process, time.monotonic() - begun
        except (OSError, ValueError, urllib.error.URLError):
            time.sleep(0.005)
    sys.exit(f"budgets: the desk does not start: see {state.parent / 'serve.log'}")


def written_by(words, log):
    """Bytes that the kernel wrote on account of a program."""
    with open(log, "a") as said:
        process = subprocess.Popen([str(w) for w in words], stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"budgets: an inspection ended with {process.returncode}: see {log}")
    return usage.ru_oublock * 512


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    for word in ("persons", "documents", "encounters", "idle"):
        parser.add_argument(f"--{word}", type=int, required=True)
    words = parser.parse_args()
    models = os.environ["MPAKA_MODELS"]
    mpaka, hq = words.programs / "mpaka", words.programs / "mpaka-hq"
    figures = Figures()

    for program in ("mpaka", "mpaka-hq", "mpaka-calibrate"):
        with tempfile.NamedTemporaryFile() as stripped:
            run("strip", "--strip-all", "-o", stripped.name, words.programs / program)
            figures.line(f"{program}, stripped", os.stat(stripped.name).st_size / 1e6, "MB", 40)

    state = words.dir / "state"
    if not (state / "post.toml").exists():
        shutil.rmtree(words.dir, ignore_errors=True)
        words.dir.mkdir(parents=True)
        print(f"budgets: a list of {words.persons} persons and {words.documents} documents is made", file=sys.stderr)
        write_lists(words.dir, words.persons, words.documents)
        at_hq = [hq, "--state", words.dir / "hq"]
        run(*at_hq, "ceremony", "--threshold", 2, "--keys", 3)
        run(*at_hq, "import", "--persons", words.dir / "persons.csv", "--documents", words.dir / "documents.csv",
            "--source", "utopia", "--legal-basis", "Utopian Border Act, section 12")
        for approver in ("a.first", "b.second"):
            run(*at_hq, "approve", "--by", approver)
        run(mpaka, "--state", state, "enrol", "--post", "UTOPIA-GATE-1", "--hq-public", words.dir / "hq/hq-public.json",
            "--root", words.dir / "hq/roots/1.root.json")
        run(*at_hq, "enrol", state / "device-public.json")
        run(*at_hq, "publish", "--out", words.dir / "repository")
        run(mpaka, "--state", state, "editions", "take", words.dir / "repository")
    edition = json.loads(run(mpaka, "--state", state, "--json", "editions", "list").splitlines()[-1])
    print(f"budgets: the list of the box: {json.dumps(edition)}")

    # Once to bring the list and the models into the page cache, as after any start of a box but the first.
    serve(mpaka, state, models)[0].terminate()
    time.sleep(1)
    process, ready = serve(mpaka, state, models)
    figures.line("mpaka serve, wall from start to the first page", ready, "s", 5)
    figures.line("mpaka serve, processor time until then", processor(process.pid), "s")
    all_of_it, own = resident(process.pid)
    figures.line("mpaka serve, resident", all_of_it, "MB", 400)
    figures.line("mpaka serve, resident, its own and no mapped file", own, "MB")
    before = processor(process.pid)
    time.sleep(words.idle)
    figures.line(f"mpaka serve, idle processor over {words.idle} s", (processor(process.pid) - before) / words.idle * 100, "%", 1)
    process.terminate()
    process.wait()

    portraits = sorted(pathlib.Path(models, "portraits").glob("*.jpg"))
    page = words.dir / "page.jpg"
    run(words.programs / "mpaka-utopia", "page", "--portrait", portraits[0], "--out", page)
    before = sum(f.stat().st_blocks for f in state.rglob("*") if f.is_file())
    written = [written_by([mpaka, "--state", state, "--models", models, "--json", "inspect", "--page", page, "--live", portraits[0],
                           "--decide", "refer", "--officer", "a.officer", "--reason", "instructed"], words.dir / "inspect.log")
               for _ in range(words.encounters)]
    written.sort()
    figures.line(f"written by an encounter, median of {len(written)}", written[len(written) // 2] / 1e3, "kB", 64)
    figures.line("written by an encounter, most", written[-1] / 1e3, "kB")
    grown = (sum(f.stat().st_blocks for f in state.rglob("*") if f.is_file()) - before) * 512 / len(written)
    figures.line("the state grows by an encounter", grown / 1e3, "kB")
    sys.exit(0 if figures.met else 1)


if __name__ == "__main__":
    main()
