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
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from listed_box import Figures, ListedBox, run, write_persons

OFFICER, PIN = "a.officer", "246810"
TICKS = os.sysconf("SC_CLK_TCK")


def write_documents(path, count):
    with open(path, "w") as out:
        out.write("number,state,type\n")
        for n in range(count):
            out.write(f"S{n:08},UTO,P\n")


def give_faces(box, portrait, count):
    """Gives so many listed persons a face: the portrait's own template with its numbers in another order, which is a template
    as long and as large as any. Headquarters would make each from a photograph, and take an hour for 100,000."""
    shutil.copy(portrait, box.folder / "portrait.jpg")
    (box.folder / "portrait.csv").write_text("entry,names,faces\nUTO-F-0,Portrait Of Somebody,portrait.jpg\n")
    box.import_list("portrait", "Utopian Border Act, section 12", "--persons", box.folder / "portrait.csv")
    chance = random.Random(12)
    with sqlite3.connect(box.folder / "hq/register.db") as register:
        body = register.execute("SELECT body FROM entry WHERE key = 'UTO-F-0'").fetchone()[0]
        face = json.loads(body)["faces"][0]
        step, numbers = face["template"][:8], face["template"][8:]
        numbers = [numbers[at:at + 4] for at in range(0, len(numbers), 4)]
        keys = register.execute("SELECT key FROM entry WHERE source = 'utopia' AND kind = 'person' ORDER BY key LIMIT ?", (count,)).fetchall()
        for key in keys:
            chance.shuffle(numbers)
            register.execute("UPDATE entry SET body = json_set(body, '$.faces', json(?)) WHERE key = ?",
                             (json.dumps([face | {"template": step + "".join(numbers)}]), *key))
    register.close()


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
    for word in ("persons", "documents", "faces", "encounters", "idle"):
        parser.add_argument(f"--{word}", type=int, required=True)
    words = parser.parse_args()
    models = os.environ["MPAKA_MODELS"]
    figures, box = Figures("budgets"), ListedBox(words.programs, words.dir)
    mpaka, state = box.mpaka, box.state

    for program in ("mpaka", "mpaka-hq", "mpaka-calibrate"):
        with tempfile.NamedTemporaryFile() as stripped:
            run("strip", "--strip-all", "-o", stripped.name, words.programs / program)
            figures.line(f"{program}, stripped", os.stat(stripped.name).st_size / 1e6, "MB", 40)

    if not (state / "post.toml").exists():
        shutil.rmtree(words.dir, ignore_errors=True)
        words.dir.mkdir(parents=True)
        print(f"budgets: a list of {words.persons} persons, {words.faces} faces and {words.documents} documents is made", file=sys.stderr)
        box.found()
        write_persons(words.dir / "persons.csv", words.persons)
        write_documents(words.dir / "documents.csv", words.documents)
        box.import_list("utopia", "Utopian Border Act, section 12", "--persons", words.dir / "persons.csv",
                        "--documents", words.dir / "documents.csv")
        portraits = sorted(pathlib.Path(models, "portraits").glob("*.jpg"))
        if words.faces:
            give_faces(box, portraits[-1], words.faces)
        box.publish()
        subprocess.run([mpaka, "--state", state, "officer", "add", "--id", OFFICER, "--pin-stdin"], input=f"{PIN}\n", text=True,
                       check=True, stdout=subprocess.DEVNULL)
        scene = words.dir / "scenes/traveller"
        scene.mkdir(parents=True)
        run(words.programs / "mpaka-utopia", "page", "--portrait", portraits[0], "--out", scene / "page.jpg")
        shutil.copy(portraits[0], scene / "live.jpg")
    print(f"budgets: the list of the box: {json.dumps(box.edition())}")

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
