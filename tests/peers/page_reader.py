"""A peer as a program: reads the zones of pictures, one JSON object a line.

    page_reader.py ENGINE PICTURE...

Each line is {"image", "mrz": [lines], "valid": what the engine itself says of it, or null, "ms": processor
time of this picture, the programs it starts included}. The first line, before any picture, is {"ready": true}.
Exit 4 where the engine is not installed. One thread.
"""

import json
import os
import re
import resource
import subprocess
import sys
import warnings

for name in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
warnings.filterwarnings("ignore")

# What an MRZ line is, read by somebody who knows only that.
LINE = re.compile(r"^[A-Z0-9<]{28,46}$")


def cpu_ms():
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return 1000 * sum(usage.ru_utime + usage.ru_stime for usage in usages)


def passporteye():
    """PassportEye with the MRZ-trained model; its zone is what its own cleaner makes of the text."""
    from passporteye import read_mrz
    from passporteye.mrz.text import MRZOCRCleaner

    def read(path):
        zone = read_mrz(path, extra_cmdline_params="-l mrz")
        if zone is None:
            return [], None
        return MRZOCRCleaner.apply(zone.aux["raw_text"]), bool(zone.valid)

    return read


def fastmrz():
    """FastMRZ; grey and transparent pictures, which it refuses, are given to it in colour."""
    import cv2
    import numpy
    from fastmrz import FastMRZ
    from PIL import Image

    cv2.setNumThreads(1)
    engine = FastMRZ()

    def read(path):
        pixels = numpy.array(Image.open(path).convert("RGB"))
        text = engine.get_details(pixels, input_type="numpy", ignore_parse=True)
        try:
            valid = engine.validate_mrz(text)["is_valid"]
        except (ValueError, IndexError):  # Its own check breaks on dates and lines that are none.
            valid = False
        return text.split("\n") if text else [], valid

    return read


def tesseract():
    """tesseract alone on the whole picture, and the lines of its text that look like a zone's."""
    model = "mrz" if os.path.exists(os.path.join(os.environ.get("TESSDATA_PREFIX", ""), "mrz.traineddata")) else "eng"
    subprocess.run(["tesseract", "--version"], check=True, capture_output=True)

    def read(path):
        command = ["tesseract", path, "stdout", "-l", model, "--psm", "6"]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        lines = [line.replace(" ", "") for line in text.splitlines()]
        lines = [line for line in lines if LINE.match(line)]
        # A card has three lines of thirty; everything else two.
        return lines[-3:] if len(lines) >= 3 and len(lines[-1]) < 33 else lines[-2:], None

    return read


def main():
    try:
        read = {"passporteye": passporteye, "fastmrz": fastmrz, "tesseract": tesseract}[sys.argv[1]]()
    except (ImportError, OSError) as why:
        print(f"{sys.argv[1]}: {why}", file=sys.stderr)
        sys.exit(4)
    print(json.dumps({"ready": True, "ms": cpu_ms()}), flush=True)
    for path in sys.argv[2:]:
        before = cpu_ms()
        try:
            lines, valid = read(path)
        except Exception as why:  # An engine that breaks on a picture has not read it.
            print(f"{sys.argv[1]}: {path}: {why!r}", file=sys.stderr)
            lines, valid = [], None
        answer = {"image": path, "mrz": lines, "valid": valid, "ms": cpu_ms() - before}
        print(json.dumps(answer), flush=True)


main()
