"""Generated strips: a zone line (or what is none) as a photograph shows it, with the truth of every column.

Everything follows from (seed, index): the same pair gives the same strip anywhere.
"""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from glyphs import ALPHABET, CAP, CELL_HEIGHT, CELL_WIDTH, FILLER, Faces

cv2.setNumThreads(1)

HEIGHT = 32
WIDTH = 384
STRIDE = 4
COLUMNS = WIDTH // STRIDE
NOMINAL = 20.0  # rows of a capital in a strip
GAP = 37
OUTSIDE = 38
IGNORE = -1
# What the strips of a course show beyond those of the course before; all else stays the same.
COURSES = ("plain", "neighbours", "worn")

CODES = (
    "UTO D GBR USA FRA ITA ESP PRT NLD BEL LUX CHE AUT POL CZE SVK HUN ROU BGR GRC TUR RUS UKR BLR LTU LVA EST "
    "FIN SWE NOR DNK ISL IRL CAN MEX BRA ARG CHL PER COL VEN CHN TWN HKG MAC JPN KOR PRK IND PAK BGD LKA NPL THA "
    "VNM MYS SGP IDN PHL AUS NZL ZAF KEN TZA UGA RWA BDI ETH ERI SOM SDN SSD EGY LBY TUN DZA MAR NGA GHA CIV SEN "
    "MLI COD COG AGO MOZ ZMB ZWE MWI MDG MUS ISR JOR LBN SYR IRQ IRN SAU ARE QAT KWT OMN YEM AFG UZB KAZ GEO ARM "
    "AZE MDA HRV SVN SRB BIH MKD ALB MNE XKX EUE UNO XXA XXB XXX RKS GBD GBN GBO GBP GBS"
).split()


def check_digit(text):
    values = [0 if c == "<" else ALPHABET.index(c) for c in text]
    return str(sum(v * w for v, w in zip(values, [7, 3, 1] * len(text))) % 10)


def name(rng):
    vowels, consonants = "AEIOU", "BCDFGHJKLMNPQRSTVWXYZ"
    return "".join(
        (vowels if (i + flip) % 2 else consonants)[rng.integers(5 if (i + flip) % 2 else 21)]
        for flip in [int(rng.integers(2))]
        for i in range(int(rng.integers(2, 11)))
    )


def date(rng):
    return f"{rng.integers(100):02d}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"


def number(rng, length):
    if rng.random() < 0.5:
        return "".join(ALPHABET[rng.integers(10)] for _ in range(length))
    return "".join(ALPHABET[rng.integers(36)] for _ in range(length))


def zone_line(rng):
    """One line of some format; the grammar matters little here, the mixture of characters does."""
    length = int(rng.choice([30, 36, 44], p=[0.3, 0.2, 0.5]))
    kind = rng.random()
    if kind < 0.35:
        code = CODES[rng.integers(len(CODES))].ljust(3, "<")
        text = "<".join(name(rng) for _ in range(rng.integers(1, 3)))
        text += "<<" + "<".join(name(rng) for _ in range(rng.integers(1, 4)))
        text = (rng.choice(["P<", "PA", "I<", "ID", "V<", "VB", "AC", ""]) + code) * (length > 30) + text
        line = text[:length].ljust(length, "<")
    elif kind < 0.7:
        document, birth, expiry = number(rng, 9), date(rng), date(rng)
        if rng.random() < 0.3:
            document = document[: rng.integers(5, 9)].ljust(9, "<")
        code = CODES[rng.integers(len(CODES))].ljust(3, "<")
        line = document + check_digit(document) + code + birth + check_digit(birth) + "MF<"[rng.integers(3)]
        line += expiry + check_digit(expiry)
        if rng.random() < 0.5:
            line += number(rng, rng.integers(1, 14))
        line = line[: length - 1].ljust(length - 1, "<") + ALPHABET[rng.integers(10)]
    else:
        line = "".join(ALPHABET[rng.integers(37)] for _ in range(length))
        if rng.random() < 0.3:
            at = int(rng.integers(length))
            line = line[:at].ljust(length, "<")
    return [ALPHABET.index(c) for c in line]


def canvas_line(rng, faces, needed):
    """Ink of a line on a canvas `needed` columns wide; the centres of its characters and their classes."""
    cells, pitch = faces.draw(rng)
    classes = zone_line(rng)
    stretch = np.exp(rng.normal(0, 0.08))
    pitch = pitch * stretch * np.exp(rng.normal(0.0, 0.06))
    pitch = float(np.clip(pitch, 0.72 * CAP, 1.45 * CAP))
    height = int(CELL_HEIGHT * 1.6)
    ink = np.zeros((height, needed), np.float32)
    # The crop starts anywhere: before the line, within it, or near its end.
    span = pitch * len(classes)
    start = float(rng.uniform(-max(span - needed * 0.3, 1.0), needed * 0.25))
    centres = start + pitch * (np.arange(len(classes)) + 0.5)
    width = max(8, int(round(CELL_WIDTH * stretch)))
    top = (height - CELL_HEIGHT) // 2
    wobble = rng.random() < 0.15
    for centre, k in zip(centres, classes):
        if centre < -CELL_WIDTH or centre > needed + CELL_WIDTH:
            continue
        cell = cells[k] if abs(stretch - 1) < 0.03 else cv2.resize(cells[k], (width, CELL_HEIGHT))
        dx = centre - cell.shape[1] / 2
        x = int(np.floor(dx))
        y = top + (int(rng.integers(-2, 3)) if wobble else 0)
        a, b = max(0, x), min(needed, x + cell.shape[1])
        if a < b:
            part = ink[y : y + CELL_HEIGHT, a:b]
            np.maximum(part, cell[:, a - x : b - x], out=part)
    return ink, centres, np.array(classes), pitch


def neighbour(rng, faces, ink, pitch):
    """Another line of the zone above or below, as near as cards print them."""
    cells, _ = faces.draw(rng)
    height = ink.shape[0]
    for side in (-1, 1):
        if rng.random() < 0.3:
            continue
        y = int(round((height - CELL_HEIGHT) / 2 + side * CAP * rng.uniform(1.35, 2.2)))
        a, b = max(0, y), min(height, y + CELL_HEIGHT)
        if a >= b:
            continue
        x = -rng.uniform(0, pitch)
        filler = rng.random() < 0.3
        while x < ink.shape[1] - CELL_WIDTH:
            left = int(x)
            if left >= 0:
                cell = cells[FILLER if filler or rng.random() < 0.2 else rng.integers(36)]
                part = ink[a:b, left : left + CELL_WIDTH]
                np.maximum(part, cell[a - y : b - y], out=part)
            x += pitch


def canvas_prose(rng, faces, needed):
    """Ink of a line of words in a face of labels: no zone line."""
    height = int(CELL_HEIGHT * 1.6)
    image = Image.new("L", (needed, height), 0)
    draw = ImageDraw.Draw(image)
    font = faces.prose[rng.integers(len(faces.prose))][rng.integers(2)]
    words = []
    for _ in range(14):
        word = name(rng).lower()
        how = rng.random()
        words.append(word.title() if how < 0.4 else word.upper() if how < 0.65 else number(rng, 6) if how < 0.75 else word)
    text = rng.choice([" ", " ", " / ", ". "]).join(words)
    y = height / 2 + CAP / 2 + rng.uniform(-20, 20)
    draw.text((-rng.uniform(0, 200), y), text, font=font, fill=255, anchor="ls")
    if rng.random() < 0.4:
        draw.text((-rng.uniform(0, 200), y + rng.uniform(30, 46)), text[::-1], font=font, fill=255, anchor="ls")
    return np.asarray(image, np.float32) / 255


def smooth_noise(rng, shape, cell):
    small = rng.normal(0, 1, (max(2, shape[0] // cell + 2), max(2, shape[1] // cell + 2))).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def wear(rng, ink):
    """Print that is bolder, thinner, speckled or rubbed."""
    bold = rng.normal(0.1, 0.7)
    if abs(bold) > 0.25:
        radius = min(abs(bold) * 1.6, 2.3)
        size = 2 * int(np.ceil(radius)) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        changed = cv2.dilate(ink, kernel) if bold > 0 else cv2.erode(ink, kernel)
        mix = radius / np.ceil(radius)
        ink = ink * (1 - mix) + changed * mix
    if rng.random() < 0.2:
        ink = ink * np.clip(1 - rng.uniform(0.2, 0.9) * (smooth_noise(rng, ink.shape, 3) > rng.uniform(0.6, 1.6)), 0, 1)
    if rng.random() < 0.2:
        ink = ink * np.clip(1 + rng.uniform(0.1, 0.45) * smooth_noise(rng, ink.shape, int(rng.integers(14, 80))), 0.25, 1)
    return ink


def worn(rng, ink):
    """Print that gave way further: faded from the top or the foot, set in dots, scratched, printed twice."""
    h, w = ink.shape
    kind = rng.random()
    if kind < 0.3:  # a ribbon or a head that touched one edge of the characters only
        rows = (np.arange(h, dtype=np.float32) - h / 2) / CAP * rng.choice([-1, 1])
        drift = 0.15 * smooth_noise(rng, (1, w), 90)[0]
        touch = 1 / (1 + np.exp(-(rows[:, None] + rng.uniform(-0.05, 0.55) + drift[None, :]) * rng.uniform(3, 12)))
        least = rng.uniform(0.1, 0.6)
        ink = ink * (least + (1 - least) * touch)
    elif kind < 0.4:  # a matrix of dots
        pitch = rng.uniform(3.2, 5.5)
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
        dots = 0.5 + 0.5 * np.cos(2 * np.pi * xx / pitch) * np.cos(2 * np.pi * yy / pitch)
        ink = ink * np.clip(dots * rng.uniform(1.0, 2.0), 0, 1)
    elif kind < 0.6:  # scratches
        layer = np.ones((h, w), np.float32)
        for _ in range(int(rng.integers(1, 7))):
            x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
            dx, dy = (rng.uniform(-1, 1, 2) * (220, 60)).astype(int)
            cv2.line(layer, (x - dx, y - dy), (x + dx, y + dy), float(rng.uniform(0, 0.5)), int(rng.integers(1, 5)), cv2.LINE_AA)
        ink = ink * layer
    elif kind < 0.7:  # the page moved under the head
        dx, dy = int(rng.integers(-7, 8)), int(rng.integers(-5, 6))
        ink = np.maximum(ink, rng.uniform(0.15, 0.5) * np.roll(ink, (dy, dx), (0, 1)))
    elif kind < 0.85:  # much of it rubbed off in patches
        rub = smooth_noise(rng, ink.shape, int(rng.integers(4, 24)))
        ink = ink * np.clip(1 - rng.uniform(0.3, 1.0) * np.clip(rub - rng.uniform(-0.3, 0.8), 0, 1), 0, 1)
    return ink


def stripes(rng, paper):
    """The fine parallel lines of a visa's or a card's ground."""
    h, w = paper.shape
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    for _ in range(int(rng.integers(1, 3))):
        angle = np.pi / 2 + rng.normal(0, 0.2) if rng.random() < 0.6 else rng.uniform(0, np.pi)
        bend = rng.uniform(0, 20) * np.sin(xx * rng.uniform(0.004, 0.05) + rng.uniform(0, 6))
        wave = np.sin((xx * np.cos(angle) + (yy + bend) * np.sin(angle)) * 2 * np.pi / rng.uniform(5, 16) + rng.uniform(0, 6))
        paper = paper - rng.uniform(0.03, 0.25) * np.clip(wave * rng.uniform(1, 3), 0, 1)
    return paper


def whitened(rng, picture):
    """Glare that drowns what it falls on."""
    h, w = picture.shape
    xx = np.arange(w, dtype=np.float32)[None, :]
    yy = np.arange(h, dtype=np.float32)[:, None]
    radius = rng.uniform(20, 150)
    lean = rng.uniform(-1.5, 1.5)
    across = (yy - rng.uniform(0, h)) / (radius * rng.uniform(0.3, 2.5))
    blob = np.exp(-(((xx - rng.uniform(0, w) - lean * yy) / radius) ** 2 + across**2))
    return picture + rng.uniform(0.6, 1.5) * blob * (1.15 - picture)


def moved(rng, picture, length):
    """A hand that shook: a short bent path."""
    size = int(np.ceil(length)) + 3
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, np.pi)
    bend = rng.normal(0, 0.25)
    t = np.linspace(-0.5, 0.5, 6 * size)
    x = size / 2 - 0.5 + length * (t * np.cos(angle) - bend * (t * t - 0.08) * np.sin(angle))
    y = size / 2 - 0.5 + length * (t * np.sin(angle) + bend * (t * t - 0.08) * np.cos(angle))
    inside = (x >= 0) & (y >= 0) & (x < size - 0.5) & (y < size - 0.5)
    np.add.at(kernel, (np.round(y[inside]).astype(int), np.round(x[inside]).astype(int)), 1.0)
    kernel = cv2.GaussianBlur(kernel, (0, 0), 0.6)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def ground(rng, shape):
    """Paper, guilloche, large pale print, shade and stains; about 1 is the paper."""
    h, w = shape
    paper = np.ones(shape, np.float32)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 4))):
            period = rng.uniform(7, 60)
            angle = rng.uniform(0, np.pi)
            bend = rng.uniform(0, 16) * np.sin(xx * rng.uniform(0.008, 0.08) + rng.uniform(0, 6))
            wave = np.sin((xx * np.cos(angle) + (yy + bend) * np.sin(angle)) * 2 * np.pi / period + rng.uniform(0, 6))
            if rng.random() < 0.5:
                wave = np.clip(wave * 4 - rng.uniform(1.5, 3.2), 0, 1)
            paper -= rng.uniform(0.02, 0.22) * wave
    if rng.random() < 0.35:
        paper += rng.uniform(0.03, 0.18) * smooth_noise(rng, shape, int(rng.integers(20, 200)))
    if rng.random() < 0.2:
        paper += rng.uniform(0.02, 0.12) * smooth_noise(rng, shape, int(rng.integers(3, 10)))
    if rng.random() < 0.12:  # a large pale letter or a stamp across the line
        layer = np.zeros(shape, np.float32)
        for _ in range(int(rng.integers(1, 4))):
            a = (int(rng.integers(-50, w)), int(rng.integers(-80, h + 80)))
            b = (int(rng.integers(-50, w)), int(rng.integers(-80, h + 80)))
            cv2.line(layer, a, b, 1.0, int(rng.integers(2, 18)), cv2.LINE_AA)
        paper -= rng.uniform(0.1, 0.4) * layer
    if rng.random() < 0.15:  # the page's edge or a rule above or below the line
        y = int(h / 2 + rng.choice([-1, 1]) * rng.uniform(24, 50))
        if rng.random() < 0.5:
            cv2.line(paper, (0, y), (w, y + int(rng.integers(-4, 5))), float(rng.uniform(0, 0.7)), int(rng.integers(1, 6)))
        elif y > h / 2:
            paper[y:] = rng.uniform(0, 0.8)
        else:
            paper[:y] = rng.uniform(0, 0.8)
    if rng.random() < 0.06:  # a dark or bright side: the table beside the page
        x = int(rng.uniform(0, w))
        if rng.random() < 0.5 and x < w * 0.3:
            paper[:, :x] = rng.uniform(0, 0.9)
        elif x > w * 0.7:
            paper[:, x:] = rng.uniform(0, 0.9)
    return paper


def light(rng, picture):
    """Shade and glare over print and paper alike."""
    h, w = picture.shape
    if rng.random() < 0.4:
        slope = np.linspace(rng.uniform(0.55, 1), rng.uniform(0.55, 1), w, dtype=np.float32)
        picture = picture * slope
    if rng.random() < 0.15:  # a shadow's edge
        x = rng.uniform(0, w)
        soft = rng.uniform(2, 80)
        edge = 1 / (1 + np.exp(-(np.arange(w, dtype=np.float32) - x) / soft * rng.choice([-1, 1])))
        picture = picture * (1 - rng.uniform(0.2, 0.55) * edge.astype(np.float32))
    if rng.random() < 0.12:  # glare
        xx = np.arange(w, dtype=np.float32)[None, :]
        yy = np.arange(h, dtype=np.float32)[:, None]
        radius = rng.uniform(14, 110)
        blob = np.exp(-(((xx - rng.uniform(0, w)) / radius) ** 2 + ((yy - rng.uniform(0, h)) / (radius * rng.uniform(0.3, 1))) ** 2))
        picture = picture + rng.uniform(0.2, 0.9) * blob * (1.1 - picture)
    return picture


def strip(faces, seed, index, course="plain"):
    """One training strip: pixels (32, 384), classes, offsets and scales of its 96 columns.

    From the course `neighbours` on, three in ten show a part of the zone's next line too; in `worn`, half
    suffered more than before: pale or broken print, fine stripes, drowning glare, a shaking hand.
    """
    stage = COURSES.index(course)
    rng = np.random.default_rng([seed, index])
    kind = rng.random()
    good = kind < 0.84
    source_cap = float(np.exp(rng.uniform(np.log(5.6), np.log(30))))
    if rng.random() < 0.35:
        source_cap = float(rng.uniform(6, 11))
    cap = NOMINAL * float(np.exp(np.clip(rng.normal(0, 0.14), -0.32, 0.32)))
    offset = float(np.clip(rng.normal(0, 2.4), -6, 6))
    slope = float(np.clip(rng.normal(0, 0.008), -0.022, 0.022))
    shear = float(rng.normal(0, 0.05)) if rng.random() < 0.5 else 0.0
    off_line = 0.84 <= kind < 0.89
    upside = 0.89 <= kind < 0.92
    if off_line:
        if rng.random() < 0.6:
            offset = float(rng.choice([-1, 1]) * rng.uniform(13, 24))
        else:
            cap = NOMINAL * float(np.exp(rng.choice([rng.uniform(-1.6, -0.75), rng.uniform(0.65, 1.2)])))
    aspect = float(np.exp(rng.normal(0, 0.05)))
    needed = int(WIDTH * CAP / (cap * aspect)) + 40
    needed = min(needed, 4000)
    centres = classes = None
    pitch = CAP
    if kind < 0.92:
        ink, centres, classes, pitch = canvas_line(rng, faces, needed)
        more = np.random.default_rng([seed, index, 1])
        if stage >= 1 and more.random() < 0.3:
            neighbour(more, faces, ink, pitch)
    elif kind < 0.97:
        ink = canvas_prose(rng, faces, needed)
    else:
        ink = np.zeros((int(CELL_HEIGHT * 1.6), needed), np.float32)
    ink = wear(rng, ink)
    paper = ground(rng, ink.shape)
    dark = rng.uniform(0.0, 0.35) if rng.random() < 0.8 else rng.uniform(0.35, 0.65)
    hard = np.random.default_rng([seed, index, 2])
    suffers = stage >= 2 and hard.random() < 0.5
    if suffers and hard.random() < 0.35:
        ink = worn(hard, ink)
    if suffers and hard.random() < 0.25:
        paper = stripes(hard, paper)
    if suffers and hard.random() < 0.25:
        dark = hard.uniform(0.5, 0.8)
        # Paper that is no livelier than the print is dark.
        paper = 1 + (paper - 1) * min(1.0, hard.uniform(0.6, 1.6) * (1 - dark) / max(float(paper.std()) * 3, 0.05))
    picture = paper * (1 - ink) + np.minimum(paper, dark) * ink
    picture = light(rng, picture)
    if suffers and hard.random() < 0.2:
        picture = whitened(hard, picture)

    # Canvas to source picture: scale, a little turn and shear, anywhere on the pixel grid.
    k = source_cap / CAP
    turn = float(rng.normal(0, 0.02)) if rng.random() < 0.5 else 0.0
    sh, sw = int(np.ceil(picture.shape[0] * k)) + 2, int(np.ceil(needed * k)) + 2
    c, s = np.cos(turn), np.sin(turn)
    to_source = np.array([[k * c, k * (shear * c - s), 0], [k * s, k * (shear * s + c), 0], [0, 0, 1]], np.float64)
    middle = np.array([needed / 2, picture.shape[0] / 2, 1])
    carried = to_source @ middle
    to_source[0, 2] = sw / 2 - carried[0] + rng.uniform(-0.5, 0.5)
    to_source[1, 2] = sh / 2 - carried[1] + rng.uniform(-0.5, 0.5)
    blur = 0.42 / k if k < 1 else 0.3
    soft = rng.random()
    if soft < 0.5:
        blur = np.hypot(blur, rng.uniform(0, 0.11 if soft < 0.4 else 0.17) * CAP)
    picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.3 else picture
    if rng.random() < 0.12:  # motion
        length = int(rng.uniform(3, 0.28 * CAP))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        d = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        m = length / 2 - 0.5
        cv2.line(kernel, (int(m - d[0]), int(m - d[1])), (int(m + d[0]), int(m + d[1])), 1.0, 1)
        picture = cv2.filter2D(picture, -1, kernel / max(kernel.sum(), 1e-6), borderType=cv2.BORDER_REPLICATE)
    if suffers and hard.random() < 0.3:
        picture = moved(hard, picture, hard.uniform(0.12, 0.45) * CAP)
    source = cv2.warpAffine(picture, to_source[:2], (sw, sh), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.15:  # sharpened by a scanner or a phone
        source = source + rng.uniform(0.3, 1.5) * (source - cv2.GaussianBlur(source, (0, 0), rng.uniform(0.7, 1.8)))
    gain, lift = rng.uniform(0.3, 0.95), rng.uniform(0.0, 0.3)
    source = np.clip(lift + gain * source, 0, 1)
    if rng.random() < 0.7:
        source = source + rng.normal(0, rng.uniform(0.0, 0.04) * (0.3 + gain) if rng.random() < 0.85 else rng.uniform(0.03, 0.08), source.shape)
    source = np.clip(source * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = int(rng.uniform(25, 95))
        source = cv2.imdecode(cv2.imencode(".jpg", source, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    if rng.random() < 0.08:  # a picture that was scaled down and up again on its way
        f = rng.uniform(0.6, 0.95)
        if source_cap * f > 5.2:
            small = cv2.resize(source, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
            source = cv2.resize(small, (source.shape[1], source.shape[0]), interpolation=cv2.INTER_LINEAR)

    # Source to strip, with the finder's errors left in.
    z = cap / CAP
    to_strip = np.array([[z * aspect, 0, 0], [slope * z * aspect, z, 0], [0, 0, 1]], np.float64)
    carried = to_strip @ middle
    to_strip[0, 2] = WIDTH / 2 - carried[0]
    to_strip[1, 2] = HEIGHT / 2 + offset - carried[1]
    through = to_strip @ np.linalg.inv(to_source)
    ratio = cap / source_cap
    if ratio < 0.8:
        source = cv2.GaussianBlur(source, (0, 0), 0.4 / ratio)
    pixels = cv2.warpAffine(source, through[:2], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if upside:
        pixels = pixels[::-1, ::-1]
    pixels = normalise(pixels.astype(np.float32))

    labels = np.full(COLUMNS, OUTSIDE, np.int32)
    offsets = np.zeros(COLUMNS, np.float32)
    if kind < 0.84:
        x = (np.arange(COLUMNS) + 0.5) * STRIDE - 0.5
        at = to_strip[0, 0] * centres + to_strip[0, 2]
        step = pitch * to_strip[0, 0]
        nearest = np.clip(np.round((x - at[0]) / step).astype(int), 0, len(at) - 1)
        distance = np.abs(x - at[nearest]) / step
        labels = np.where(distance < 0.27, classes[nearest], np.where(distance < 0.34, IGNORE, GAP))
        labels = np.where(distance > 0.52, np.where(distance > 0.75, OUTSIDE, IGNORE), labels)
        # How far the print's middle lies below the strip's middle at this column.
        offsets = (offset + slope * (x - WIDTH / 2)).astype(np.float32)
    scales = np.full(COLUMNS, np.log(cap / NOMINAL), np.float32)
    return pixels, labels.astype(np.int32), offsets, scales, good


def normalise(pixels):
    """As the reader does: the 5th percentile of a strip becomes 0 and the 95th 1."""
    low, high = np.percentile(pixels, [5, 95])
    return np.clip((pixels - low) / max(high - low, 12.0), -0.5, 1.5).astype(np.float32)


def batch(faces, seed, number, size, course="plain"):
    rows = [strip(faces, seed, number * size + i, course) for i in range(size)]
    return [np.stack([r[k] for r in rows]) for k in range(4)]


if __name__ == "__main__":
    import sys
    import time

    f = Faces()
    t = time.time()
    rows = [strip(f, 1, i, "worn") for i in range(48)]
    print((time.time() - t) / 48 * 1000, "ms a strip")
    sheet = []
    for p, l, *_ in rows:
        mark = np.repeat(np.where(l == OUTSIDE, 0, np.where(l == GAP, 0.4, np.where(l < 0, 0.6, 1.0))), STRIDE)
        sheet.append(np.vstack([np.clip(p, 0, 1), np.tile(mark, (5, 1))]))
    half = len(sheet) // 3
    whole = np.hstack([np.vstack(sheet[i * half : (i + 1) * half]) for i in range(3)])
    cv2.imwrite(sys.argv[1], (whole * 255).astype(np.uint8))
