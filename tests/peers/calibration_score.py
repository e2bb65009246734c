"""OpenCV's own calibration on the pictures that `mpaka-calibrate geometry` was given, and both against the truth.

One line per figure, the ratio last: how far ours lies from the truth over how far OpenCV's lies; below it how far the
two lie from each other. Called by tests/bench/calibration.sh.
"""

import json
import pathlib
import sys
import time

import cv2
import numpy

CORNERS = (9, 6)
SQUARE_MM = 11.0


def corners(path):
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    seen, found = cv2.findChessboardCorners(grey, CORNERS)
    if not seen:
        return None, grey
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-4)
    return cv2.cornerSubPix(grey, found, (11, 11), (-1, -1), stop), grey


def opencv(folder):
    board = numpy.zeros((CORNERS[0] * CORNERS[1], 3), numpy.float32)
    board[:, :2] = numpy.mgrid[0 : CORNERS[0], 0 : CORNERS[1]].T.reshape(-1, 2) * SQUARE_MM
    views = sorted(folder.glob("geometry-[0-9]*.png")) + [folder / "geometry-flat.png"]
    images = []
    for view in views:
        found, grey = corners(view)
        if found is not None:
            images.append(found)
    if found is None:
        sys.exit(f"{views[-1]}: OpenCV does not see the board on the glass")
    size = grey.shape[::-1]
    rms, matrix, distortion, turns, moves = cv2.calibrateCamera(
        [board] * len(images), images, size, None, None, flags=cv2.CALIB_FIX_K3
    )
    # Pixels for a millimetre in the middle of the board on the glass, without distortion.
    turn, _ = cv2.Rodrigues(turns[-1])
    middle = numpy.array([(CORNERS[0] - 1) * SQUARE_MM / 2, (CORNERS[1] - 1) * SQUARE_MM / 2, 0.0])

    def seen(offset):
        at = matrix @ (turn @ (middle + offset) + moves[-1].ravel())
        return at[:2] / at[2]

    across = numpy.linalg.norm(seen([0.5, 0, 0]) - seen([-0.5, 0, 0]))
    down = numpy.linalg.norm(seen([0, 0.5, 0]) - seen([0, -0.5, 0]))
    return {
        "focal": [matrix[0, 0], matrix[1, 1]],
        "centre": [matrix[0, 2], matrix[1, 2]],
        "dpi": (across * down) ** 0.5 * 25.4,
        "rms": rms,
    }


def main():
    worst = {}
    cpu = time.process_time()
    for folder in sorted(p for p in pathlib.Path(sys.argv[1]).iterdir() if p.is_dir()):
        truth = json.loads((folder / "truth.json").read_text())
        answer = json.loads((folder / "ours.json").read_text())["geometry"]
        ours = {
            "focal": answer["camera"]["focal"],
            "centre": answer["camera"]["centre"],
            "dpi": answer["glass"]["dpi"],
        }
        theirs = opencv(folder)
        for name in ("focal", "centre", "dpi"):
            for k, true in enumerate(numpy.atleast_1d(truth[name])):
                a, b = (float(numpy.atleast_1d(x[name])[k]) for x in (ours, theirs))
                # The principal point by the picture's size.
                whole = truth["size"][k] if name == "centre" else true
                wrong = [100 * abs(v - true) / whole for v in (a, b)] + [100 * abs(a - b) / whole]
                held = worst.setdefault(name, [0.0, 0.0, 0.0])
                worst[name] = [max(h, w) for h, w in zip(held, wrong)]
    for name, (ours, theirs, apart) in worst.items():
        ratio = ours / theirs if theirs else float("inf")
        print(
            f"calibration {name}: ours {ours:.4f} % from the truth, OpenCV {cv2.__version__} {theirs:.4f} %, "
            f"apart {apart:.4f} %, ratio {ratio:.2f}"
        )
    print(f"calibration cpu of the peer: {time.process_time() - cpu:.1f} s")
    good = bool(worst) and all(apart <= 0.5 and ours <= 0.5 for ours, _, apart in worst.values())
    return 0 if good else 1


sys.exit(main())
