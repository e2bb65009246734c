"""The glyphs that lines are drawn with: OCR-B and near faces, from Debian's font packages alone."""

import os

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
FILLER = 36
CAP = 32  # rows of a capital letter in the atlas and on the canvas
CELL_WIDTH = 54
CELL_HEIGHT = 76

# (path below a font root, weight in the draw). OCR-B rules; the others keep the net from learning one cut.
FACES = [
    ("opentype/ocr-b/OCRB.otf", 42),
    ("opentype/ocr-b/OCRBS.otf", 18),
    ("opentype/ocr-b/OCRBL.otf", 3),
    ("truetype/liberation/LiberationMono-Regular.ttf", 3),
    ("truetype/liberation/LiberationMono-Bold.ttf", 2),
    ("truetype/dejavu/DejaVuSansMono.ttf", 2),
    ("truetype/freefont/FreeMonoBold.ttf", 2),
    ("opentype/b612/B612Mono-Regular.otf", 2),
    ("truetype/inconsolata/Inconsolata.otf", 2),
    ("truetype/noto/NotoMono-Regular.ttf", 2),
    ("opentype/courier-prime/Courier Prime.otf", 1),
    ("opentype/courier-prime/Courier Prime Sans.otf", 2),
    ("truetype/anonymous-pro/Anonymous Pro.ttf", 1),
    ("truetype/hack/Hack-Regular.ttf", 1),
    ("truetype/liberation/LiberationSans-Regular.ttf", 2),
]
# Faces of the words around a zone: labels, headings, captions. A line in them is no zone line.
PROSE = [
    "truetype/liberation/LiberationSans-Regular.ttf",
    "truetype/liberation/LiberationSans-Bold.ttf",
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
    "truetype/freefont/FreeSerif.ttf",
]


def font_roots():
    """Where fonts are looked for; MPAKA_FONTS may name another root (unpacked packages)."""
    return [r for r in (os.environ.get("MPAKA_FONTS"), "/usr/share/fonts") if r]


def find(path):
    for root in font_roots():
        whole = os.path.join(root, path)
        if os.path.exists(whole):
            return whole
    raise FileNotFoundError(f"{path}: install the Debian packages that the README names")


def sized(path, cap=CAP):
    """The face at the size at which a capital H stands `cap` rows high."""
    probe = ImageFont.truetype(path, 200)
    box = probe.getmask("H").getbbox()
    return ImageFont.truetype(path, max(4, round(200 * cap / (box[3] - box[1]))))


def atlas(path):
    """37 cells of ink 0..1, each character centred on its advance, capitals centred vertically; and the pitch."""
    font = sized(path)
    pitch = font.getlength("M" if "Sans-" not in path else "0") or CAP
    cells = np.zeros((37, CELL_HEIGHT, CELL_WIDTH), np.float32)
    for i, character in enumerate(ALPHABET):
        image = Image.new("L", (CELL_WIDTH, CELL_HEIGHT), 0)
        draw = ImageDraw.Draw(image)
        x = CELL_WIDTH / 2 - font.getlength(character) / 2
        draw.text((x, CELL_HEIGHT / 2 + CAP / 2), character, font=font, fill=255, anchor="ls")
        cells[i] = np.asarray(image, np.float32) / 255
    return cells, float(pitch)


class Faces:
    """Every face, loaded once."""

    def __init__(self):
        self.atlases = [atlas(find(p)) for p, _ in FACES]
        weights = np.array([w for _, w in FACES], np.float64)
        self.weights = weights / weights.sum()
        self.prose = [[sized(find(p), c) for c in (20, 32)] for p in PROSE]

    def draw(self, rng):
        return self.atlases[rng.choice(len(self.atlases), p=self.weights)]
