"""Names of published sanctions lists as travellers' zones have them, with the entries that they must find.

Written from the lists' own files and from Doc 9303, apart from the programs' code, so that the bench can contradict them.
"""

import csv
import datetime
import re
import unicodedata
import xml.etree.ElementTree

# The name's field of a TD3 zone (Doc 9303-4 section 4.2.2).
TD3_NAME = 39
# Doc 9303-3 section 6, table A: what is more than a letter without its mark. Where it offers several, the first.
SPELT = {"Ä": "AE", "Æ": "AE", "Å": "AA", "Ð": "D", "Đ": "D", "Ħ": "H", "ı": "I", "Ĳ": "IJ", "Ł": "L", "Ŋ": "N", "Ö": "OE",
         "Ø": "OE", "Œ": "OE", "ẞ": "SS", "ß": "SS", "Þ": "TH", "Ŧ": "T", "Ü": "UE"}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Listed:
    """A person of a list: the entry's name here, a full birth date (or ""), the name in its parts, the aliases."""

    def __init__(self, entry, birth, name):
        self.entry, self.birth, self.name, self.aliases = entry, birth, name, []


def zone_letters(text):
    """Letters and single fillers as Doc 9303-3 sections 4.6 and 6 write them; None where table A has no spelling."""
    out = []
    for character in unicodedata.normalize("NFC", text):
        if character.isspace() or character in "-‐‑–,/":
            out.append("<")
            continue
        letters = SPELT.get(character) or SPELT.get(character.upper())
        if letters is None:
            plain = unicodedata.normalize("NFD", character)
            letters = "".join(c for c in plain if not unicodedata.combining(c)).upper()
        # Apostrophes, stops, quotation marks, brackets and figures are left out without a filler.
        letters = "".join(c for c in letters if c.isalpha())
        if not letters.isascii():
            return None
        out.append(letters)
    return re.sub("<+", "<", "".join(out)).strip("<")


def cut(letters, room):
    """The beginning that fits. A field that was cut ends in a letter (Doc 9303-4 section 4.2.3): where it would end in a
    filler, the part before gives up a letter for the first one of the next."""
    if len(letters) <= room:
        return letters
    kept = letters[:room]
    return kept if kept[-1] != "<" else f"{kept[:-2]}<{letters[room]}"


def zone_form(primary, secondary):
    """Surname and given names as a TD3 zone is read, fillers as spaces; None where they cannot be written in one."""
    first, second = zone_letters(primary), zone_letters(secondary)
    if not first or second is None:
        return None
    if second:
        # Two fillers and a letter of the secondary identifier at the least.
        first = cut(first, TD3_NAME - 3)
        second = cut(second, TD3_NAME - 2 - len(first))
    else:
        first = cut(first, TD3_NAME)
    return first.replace("<", " "), second.replace("<", " ")


def by_comma(text):
    """`SURNAME, Given`; all of it is the primary identifier where no comma parts it."""
    primary, _, secondary = text.partition(",")
    return primary.strip(), secondary.strip()


def by_last_word(text):
    """A name in the order of speech: the last word is the primary identifier."""
    words = text.split()
    return words[-1], " ".join(words[:-1])


def ofac(folder):
    """Individuals of sdn.csv with the names of alt.csv. Neither has a header; `-0-` is nothing."""

    def rows(name):
        with open(folder / name, encoding="utf-8", errors="replace", newline="") as file:
            # The file ends with a control character on a line of its own.
            yield from ([field.strip() for field in row] for row in csv.reader(file) if len(row) > 3)

    listed = {}
    for row in rows("sdn.csv"):
        if row[2] == "individual":
            dates = re.findall(r"(?:^|; )(?:alt\. )?DOB (\d\d) (\w{3}) (\d{4})(?=[;.]|$)", row[11])
            birth = next((f"{year}-{MONTHS.index(month) + 1:02}-{day}" for day, month, year in dates), "")
            listed[row[0]] = Listed(f"OFAC-{row[0]}", birth, by_comma(row[1]))
    for row in rows("alt.csv"):
        if row[0] in listed and any(c.isalpha() for c in row[3]):
            listed[row[0]].aliases.append((row[3], by_comma(row[3])))
    return list(listed.values())


def united_nations(path):
    """Individuals of the consolidated list. One alias may hold several names parted by `;`, and notes in brackets: a
    traveller has one name, and no notes."""
    listed = []
    for node in xml.etree.ElementTree.parse(path).iter("INDIVIDUAL"):

        def text(tag, of=node):
            return (of.findtext(tag) or "").strip()

        birth = next((text("DATE", date) for date in node.findall("INDIVIDUAL_DATE_OF_BIRTH")
                      if text("TYPE_OF_DATE", date) == "EXACT" and text("DATE", date)), "")
        if birth:
            birth = datetime.date.fromisoformat(birth[:10]).isoformat()
        parts = [text(f"{nth}_NAME") for nth in ("FIRST", "SECOND", "THIRD", "FOURTH")]
        person = Listed(f"UN-{text('REFERENCE_NUMBER')}", birth, by_last_word(" ".join(parts)))
        for alias in node.findall("INDIVIDUAL_ALIAS"):
            for name in re.sub(r"\([^)]*\)?", " ", text("ALIAS_NAME", alias)).split(";"):
                name = " ".join(name.split())
                if any(c.isalpha() for c in name):
                    person.aliases.append((name, by_comma(name) if "," in name else by_last_word(name)))
        listed.append(person)
    return listed
