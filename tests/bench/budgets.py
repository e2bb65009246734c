"""The budgets of the appliance, measured on one box: see budgets.sh.

Memory is the kernel's own count of the running `mpaka serve`, the mapped list beside its own; times are of the clock on
the wall, with the processor time beside it; bytes written are those that the kernel put down for the disk on the
program's account, which is what wears a card out.
"""

import argparse
import http.client
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
import urllib.parse
import urllib.request

GIVEN = "Amina Daniel Grace Peter Fatuma Joseph Halima David Zainab Samuel Mariam Isaac Neema Yusuf Esther Ali".split()
FAMILY = "Otieno Mwangi Abdi Hassan Nkurunziza Uwimana Mushi Kamau Tesfaye Bekele Ndayishimiye Juma Okello Musa".split()
OFFICER, PIN = "a.officer", "246810"
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
    """Starts the desk; the process, its port, and how long it took until it answered."""
    port = tempfile.mktemp(dir=state.parent)
    begun = time.monotonic()
    process = subprocess.Popen([mpaka, "--state", state, "--models", models, "serve", "--listen", "127.0.0.1:0", "--port-file", port,
                                "--scenes", state.parent / "scenes"],
                               stdout=subprocess.DEVNULL, stderr=open(state.parent / "serve.log", "w"))
    while process.poll() is None and time.monotonic() - begun < 300:
        try:
            number = int(pathlib.Path(port).read_text())
            urllib.request.urlopen(f"http://127.0.0.1:{number}/sign-in", timeout=60).read()
            return process, number, time.monotonic() - begun
        except (OSError, ValueError, urllib.error.URLError):
            time.sleep(0.005)
    sys.exit(f"budgets: the desk does not start: see {state.parent / 'serve.log'}")


class Lane:
    """An officer at the desk, over plain HTTP as a browser without script has it."""

    def __init__(self, port, officer, pin):
        self.at, self.headers, self.csrf = ("127.0.0.1", port), {}, ""
        entered = self.form("/sign-in", officer=officer, pin=pin)
        self.headers["cookie"] = entered.headers["set-cookie"].split(";")[0]
        page = self.ask("GET", "/self-test").read().decode()
        self.csrf = page.split('name="csrf" value="')[1].split('"')[0]
        self.form("/self-test")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(*self.at, timeout=300)
        kind = {"content-type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, {**self.headers, **kind})
        return connection.getresponse()

    def form(self, path, **fields):
        answer = self.ask("POST", path, urllib.parse.urlencode({"csrf": self.csrf, **fields}))
        answer.read()
        if answer.status >= 400:
            sys.exit(f"budgets: the desk answered {answer.status} to {path}")
        return answer

    def encounter(self, scene):
        """One traveller from the pictures to the decision."""
        place = self.form("/inspections", scene=scene).headers["location"]
        for line in self.ask("GET", f"{place}/events"):
            if line.strip() == b"event: advised":
                break
        self.form(f"{place}/decision", decision="Refer", reason="instructed")


def written(pid):
    """Bytes that the kernel was given for the disk on its account; those of its threads and ended children with them."""
    io = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(io["write_bytes"])


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
        subprocess.run([mpaka, "--state", state, "officer", "add", "--id", OFFICER, "--pin-stdin"], input=f"{PIN}\n", text=True,
                       check=True, stdout=subprocess.DEVNULL)
        portraits = sorted(pathlib.Path(models, "portraits").glob("*.jpg"))
        scene = words.dir / "scenes/traveller"
        scene.mkdir(parents=True)
        run(words.programs / "mpaka-utopia", "page", "--portrait", portraits[0], "--out", scene / "page.jpg")
        shutil.copy(portraits[0], scene / "live.jpg")
    edition = json.loads(run(mpaka, "--state", state, "--json", "editions", "list").splitlines()[-1])
    print(f"budgets: the list of the box: {json.dumps(edition)}")

    # Once to bring the list and the models into the page cache, as after any start of a box but the first.
    serve(mpaka, state, models)[0].terminate()
    time.sleep(1)
    process, port, ready = serve(mpaka, state, models)
    figures.line("mpaka serve, wall from start to the first page", ready, "s", 5)
    figures.line("mpaka serve, processor time until then", processor(process.pid), "s")
    all_of_it, own = resident(process.pid)
    figures.line("mpaka serve, resident", all_of_it, "MB", 400)
    figures.line("mpaka serve, resident, its own and no mapped file", own, "MB")
    before = processor(process.pid)
    time.sleep(words.idle)
    figures.line(f"mpaka serve, idle processor over {words.idle} s", (processor(process.pid) - before) / words.idle * 100, "%", 1)

    lane = Lane(port, OFFICER, PIN)
    # The first one opens what is opened once: it does not count.
    lane.encounter("traveller")
    each, before = [], processor(process.pid)
    for _ in range(words.encounters):
        start = written(process.pid)
        lane.encounter("traveller")
        each.append(written(process.pid) - start)
    each.sort()
    figures.line(f"written by an encounter, mean of {len(each)}", sum(each) / len(each) / 1e3, "kB", 64)
    figures.line("written by an encounter, least", each[0] / 1e3, "kB")
    figures.line("written by an encounter, most", each[-1] / 1e3, "kB")
    figures.line("processor time of an encounter, mean", (processor(process.pid) - before) / len(each), "s")
    all_of_it, own = resident(process.pid)
    figures.line(f"mpaka serve, resident after {len(each) + 1} encounters", all_of_it, "MB", 400)
    figures.line("mpaka serve, resident then, its own and no mapped file", own, "MB")
    process.terminate()
    process.wait()
    sys.exit(0 if figures.met else 1)


if __name__ == "__main__":
    main()
