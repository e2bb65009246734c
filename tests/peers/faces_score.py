"""Faces compared by `mpaka face compare` and by OpenCV in Python: cosines side by side, then the time.

Exit code 1 where they differ by more than is wanted, or where one of them finds no face in a picture and the other does."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import cv2
import numpy

LONGEST = 640
# The greatest difference of two cosines that is wanted.
APART = 0.005


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mpaka", required=True)
    parser.add_argument("--models", required=True, type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


class Peer:
    """OpenCV's own way: a copy of 640 pixels at most, FaceDetectorYN, FaceRecognizerSF."""

    def __init__(self, models):
        cv2.setNumThreads(1)
        self.detector = cv2.FaceDetectorYN.create(str(models / "yunet-2023mar.onnx"), "", (320, 320), 0.6)
        self.matcher = cv2.FaceRecognizerSF.create(str(models / "sface-2021dec.onnx"), "")

    def template(self, path):
        picture = cv2.imread(str(path))
        height, width = picture.shape[:2]
        scale = LONGEST / max(height, width)
        if scale < 1:
            size = (round(width * scale), round(height * scale))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            height, width = picture.shape[:2]
        self.detector.setInputSize((width, height))
        faces = self.detector.detect(picture)[1]
        if faces is None:
            return None
        face = max(faces, key=lambda f: f[2] * f[3])
        template = self.matcher.feature(self.matcher.alignCrop(picture, face)).flatten()
        return template / numpy.linalg.norm(template)

    def compare(self, a, b):
        first, second = self.template(a), self.template(b)
        return None if first is None or second is None else float(first @ second)


def cut(source, to):
    """The head and shoulders as a camera of 640 by 480 sees them."""
    picture = cv2.imread(str(source))
    high = min(picture.shape[0], picture.shape[1] * 3 // 4)
    picture = cv2.resize(picture[:high], (640, 480), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(to), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])


def main():
    given = arguments()
    folder = given.pictures or given.models / "portraits"
    whole = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    cuts = []
    for path in whole:
        cuts.append(given.work / f"cut-{path.stem}.jpg")
        cut(path, cuts[-1])
    pairs = [(some[0], other) for some in (whole, cuts) for other in some[1:]]
    table = given.work / "pairs.csv"
    table.write_text("".join(f"{a},{b}\n" for a, b in pairs))

    peer = Peer(given.models)
    answers = subprocess.run([given.mpaka, "--json", "face", "compare", "--models", given.models, "--pairs", table],
                             stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines()
    worst, at_odds = 0.0, 0
    for (a, b), answer in zip(pairs, map(json.loads, answers), strict=True):
        theirs, ours = peer.compare(a, b), answer["score"]
        if theirs is None or ours is None:
            print(f"faces cosine {a.name} {b.name}: ours {ours}, OpenCV {theirs}")
            at_odds += (theirs is None) != (ours is None)
            continue
        worst = max(worst, abs(ours - theirs))
        print(f"faces cosine {a.name} {b.name}: ours {ours:.4f}, OpenCV {theirs:.4f}, difference {ours - theirs:+.4f}")
    met = worst <= APART and at_odds == 0
    print(f"faces cosine, greatest difference: {worst:.4f} (at most {APART} wanted), faces that one alone finds: {at_odds} "
          f"(none wanted): {'met' if met else 'NOT MET'}")

    # Many copies of one pair: the program loads its models once, and no template is remembered.
    copies = []
    for at in range(given.rounds + 1):
        pair = []
        for side, path in enumerate(cuts[:2]):
            copy = given.work / f"copy-{at}-{side}.jpg"
            copy.write_bytes(path.read_bytes())
            pair.append(copy)
        copies.append(pair)
    table.write_text("".join(f"{a},{b}\n" for a, b in copies))
    answers = subprocess.run([given.mpaka, "--json", "face", "compare", "--models", given.models, "--pairs", table],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    ours = [json.loads(line)["ms"] for line in answers][1:]
    theirs = []
    for a, b in copies:
        before = time.process_time()
        peer.compare(a, b)
        theirs.append((time.process_time() - before) * 1e3)
    theirs = theirs[1:]
    for name, pick in (("least", min), ("median", statistics.median)):
        mine, other = pick(ours), pick(theirs)
        print(f"faces compare two of 640x480, CPU ms, {name}: ours {mine:.1f}, OpenCV {cv2.__version__} {other:.1f}, "
              f"ratio {mine / other:.2f}")
    return 0 if met else 1


sys.exit(main())
