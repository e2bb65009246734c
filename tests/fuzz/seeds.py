"""Writes the seeds of tests/fuzz/corpus that need no program of ours (the rest: examples/seeds.rs).

Everything in them is made up: Utopian zones, drawn pictures, states and documents that do not exist. Keys are
new on every run. Needs Pillow, the openssl program, and a page pressed small:

    mpaka-utopia page --flat --dpi 60 --out page.png
    seeds.py page.png
"""

import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import zlib

from PIL import Image

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
ZONES = {
    "td1": "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    "td1-long-number": "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<",
    "td2": "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
    "td3": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "mrv-a": "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    "mrv-b": "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
    "typed": "p<utoeriksson<<anna<maria<<<<<<<<<<<<<<<<<<<\r\n\r\n L898902C3 6 UTO 740812 2 F 120415 9 ZE184226B<<<<<1 0",
    "unknown-birth": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO74<<<<2<1204159ZE184226B<<<<<10",
}


def put(target, name, content):
    folder = os.path.join(CORPUS, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def tlv(tag, value):
    head = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    if len(value) < 0x80:
        return head + bytes([len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return head + bytes([0x80 | len(length)]) + length + value


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    body = bytes([40 * first + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        body += bytes(reversed(groups))
    return tlv(0x06, body)


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def integer(value):
    return tlv(0x02, bytes([value]))


def openssl(folder, *words, give=b""):
    return subprocess.run(["openssl", *words], cwd=folder, input=give, capture_output=True, check=True).stdout


def text():
    for name, zone in ZONES.items():
        put("zone_text", name, zone)
    td3 = ZONES["td3"].encode()
    put("swipe", "lines", b"\0" + td3.replace(b"\n", b"\r\n"))
    put("swipe", "one-line", b"\0" + td3.replace(b"\n", b"") + b"\r")
    frame = td3.replace(b"\n", b"\r") + b"\r\x03"
    check = 0
    for byte in frame:
        check ^= byte
    put("swipe", "frame", b"\0\x02" + frame)
    put("swipe", "checked", b"\1\x02" + frame + bytes([check]))
    put("swipe", "twice", b"\0" + ZONES["td1"].encode() + b"\xff" + ZONES["td2"].encode())
    for name, date in (("whole", "1974-08-12"), ("month", "1974-08"), ("unknown", "XXXX-08-12"), ("zone", "740812"), ("leap", "2000-02-29")):
        put("date_text", name, date)
    put("target_name", "package", "file-software-0123456789abcdef-mpaka-post_0.2.0-1_arm64.deb")
    put("target_name", "policy", "file-policy-0123456789abcdef-policy.json")
    put("target_name", "step", "delta-000001-000002")
    put("name_text", "order", "ERIKSSON, Anna Maria\nAnna-Maria Eriksson")
    put("name_text", "scripts", "محمد أحمد\nMuhammad AHMED")
    put("name_text", "cyrillic", "Юлия Щербакова\nYULIIA SHCHERBAKOVA")


def pictures(page):
    leaf = Image.open(page).convert("RGB")
    leaf.thumbnail((380, 380))
    flag = Image.new("RGB", (24, 16), (200, 30, 30))
    flag.paste((250, 250, 250), (0, 5, 24, 11))

    def encoded(image, kind, **words):
        out = io.BytesIO()
        image.save(out, kind, **words)
        return out.getvalue()

    put("page", "page.jpg", encoded(leaf, "JPEG", quality=60))
    put("page", "flag.png", encoded(flag, "PNG"))
    put("picture", "page.jpg", encoded(leaf.reduce(4), "JPEG", quality=60))
    put("picture", "flag.png", encoded(flag, "PNG"))
    put("picture", "alpha.png", encoded(flag.convert("RGBA"), "PNG"))
    put("picture", "sixteen-bit.png", encoded(flag.convert("L").convert("I;16"), "PNG"))
    put("picture", "palette.gif", encoded(flag.convert("P"), "GIF", save_all=True, append_images=[flag.rotate(180).convert("P")]))
    put("picture", "cmyk.jpg", encoded(flag.convert("CMYK"), "JPEG"))
    put("picture", "progressive.jpg", encoded(flag, "JPEG", progressive=True))
    put("picture", "packed.tiff", encoded(flag, "TIFF", compression="tiff_lzw"))
    put("picture", "flag.bmp", encoded(flag, "BMP"))
    put("picture", "flag.webp", encoded(flag, "WEBP", lossless=True))
    put("picture", "lossy.webp", encoded(flag, "WEBP", quality=50))
    put("picture", "flag.ppm", encoded(flag, "PPM"))
    wide = bytearray(encoded(flag, "PNG"))
    wide[16:24] = struct.pack(">II", 60_000, 60_000)
    wide[29:33] = struct.pack(">I", zlib.crc32(wide[12:29]))
    put("picture", "bomb.png", bytes(wide))
    for turn in (3, 6, 8):
        entry = struct.pack("<HHIHH", 0x0112, 3, 1, turn, 0)
        put("exif", f"turn-{turn}", b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0))
    big = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    put("exif", "big-endian", b"MM\0*" + struct.pack(">IH", 8, 1) + big + struct.pack(">I", 0))


def chip_files():
    zone = ZONES["td3"].replace("\n", "").encode()
    dg1 = tlv(0x61, tlv(0x5F1F, zone))
    com = tlv(0x60, tlv(0x5F01, b"0107") + tlv(0x5F36, b"040000") + tlv(0x5C, bytes([0x61, 0x75, 0x6E])))
    # ISO/IEC 19794-5: facial header, one picture, no feature points, a JPEG that only begins as one.
    jpeg = bytes.fromhex("FFD8FFE000104A46494600010100000100010000FFD9")
    information = struct.pack(">IHBBB3s3s3s", 20 + 12 + len(jpeg), 0, 0, 0, 0, b"\0" * 3, b"\0" * 3, b"\0" * 3)
    information = information[:20].ljust(20, b"\0")
    image = struct.pack(">BBHHBBHH", 1, 0, 24, 32, 0, 0, 0, 0)
    block = b"FAC\x00010\x00" + struct.pack(">IH", 14 + len(information) + len(image) + len(jpeg), 1) + information + image + jpeg
    header = tlv(0xA1, tlv(0x80, b"\x01\x01") + tlv(0x81, b"\x02") + tlv(0x87, b"\x01\x01") + tlv(0x88, b"\x00\x08"))
    dg2 = tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01") + tlv(0x7F60, header + tlv(0x5F2E, block))))
    dg7 = tlv(0x67, tlv(0x02, b"\x01") + tlv(0x5F43, jpeg))
    dg11 = tlv(0x6B, tlv(0x5C, bytes.fromhex("5F0E5F2B5F11")) + tlv(0x5F0E, b"ERIKSSON<<ANNA<MARIA") + tlv(0x5F2B, b"19740812") + tlv(0x5F11, b"ZENITH<UTOPIA"))
    dg12 = tlv(0x6C, tlv(0x5C, bytes.fromhex("5F195F26")) + tlv(0x5F19, b"UTOPIA") + tlv(0x5F26, b"20020415"))
    dg16 = tlv(0x70, tlv(0x02, b"\x01") + tlv(0xA1, tlv(0x5F50, b"20020101") + tlv(0x5F51, b"SMITH<<CHARLES") + tlv(0x5F52, b"1234567") + tlv(0x5F53, b"UTOPIA")))
    pace = sequence(oid("0.4.0.127.0.7.2.2.4.2.2"), integer(2), integer(13))
    card_access = tlv(0x31, pace + sequence(oid("0.4.0.127.0.7.2.2.3.2.2"), integer(1)))
    with tempfile.TemporaryDirectory() as folder:
        openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.pem")
        point = openssl(folder, "ec", "-in", "ca.pem", "-pubout", "-outform", "DER")
    dg14 = tlv(0x6E, tlv(0x31, sequence(oid("0.4.0.127.0.7.2.2.1.2"), point) + sequence(oid("0.4.0.127.0.7.2.2.3.2.2"), integer(1))))
    dg15 = tlv(0x6F, point)
    files = {"com": com, "dg1": dg1, "dg2": dg2, "dg7": dg7, "dg11": dg11, "dg12": dg12, "dg14": dg14, "dg15": dg15, "dg16": dg16, "card-access": card_access}
    for name, content in files.items():
        put("chip_file", name, content)
    for name in ("dg2", "dg14", "card-access"):
        put("chip_tlv", name, files[name])
    put("chip_tlv", "long", tlv(0x7F4E, tlv(0x5F29, b"\0") + tlv(0x04, bytes(300))))

    def said(*answers):
        return b"".join(struct.pack(">H", len(answer)) + answer for answer in answers)

    ok, absent = b"\x90\x00", b"\x6A\x82"
    refused = b"\x69\x82"
    put("chip_answers", "no-pace-no-bac", b"\0" + said(ok, absent, ok, refused, absent, ok, dg1 + ok))
    put("chip_answers", "pieces", b"\1" + said(ok, ok, card_access[:9] + ok, card_access[9:] + b"\x62\x82", refused, refused, absent, ok, refused, ok, b"\x6C\x10", dg1[:16] + ok, dg1[16:] + ok))
    put("chip_answers", "pace", b"\2" + said(ok, ok, card_access + ok, ok, tlv(0x7C, tlv(0x80, bytes(16))) + ok, tlv(0x7C, tlv(0x82, point[-65:])) + ok, ok, dg1 + ok, ok, dg1 + ok, ok, dg1 + ok))
    put("chip_answers", "bac", b"\0" + said(ok, absent, ok, bytes(8) + ok, bytes(40) + ok, ok, dg1 + ok, ok, dg1 + ok))
    return dg1, com


def protected():
    key = "42" * 16
    plain = bytes.fromhex("010203048000000000000000"[:16]).ljust(8, b"\0")
    sealed = openssl(".", "enc", "-des-ede-cbc", "-K", key, "-iv", "0" * 16, "-nopad", give=plain)
    put("chip_protected", "status", b"\0" + tlv(0x99, b"\x90\x00"))
    put("chip_protected", "aes-status", b"\3" + tlv(0x99, b"\x90\x00"))
    put("chip_protected", "triple-des", b"\0" + tlv(0x87, b"\x01" + sealed) + tlv(0x99, b"\x90\x00"))
    start = openssl(".", "enc", "-aes-128-ecb", "-K", key, "-nopad", give=bytes(15) + b"\1").hex()
    sealed = openssl(".", "enc", "-aes-128-cbc", "-K", key, "-iv", start, "-nopad", give=b"answer\x80".ljust(16, b"\0"))
    put("chip_protected", "aes", b"\1" + tlv(0x87, b"\x01" + sealed) + tlv(0x99, b"\x90\x00"))


CONFIGURATION = """
[req]
distinguished_name = dn
prompt = no
[dn]
[csca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ds]
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[lists]
keyUsage = critical,digitalSignature
extendedKeyUsage = 2.23.136.1.1.3
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ca]
default_ca = state
[state]
database = index.txt
crlnumber = number
default_md = sha256
"""


def states(dg1, com):
    """One state: country signer, document signer, list signer, security object, master list, revocation list."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "c.cnf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION)
        open(os.path.join(folder, "index.txt"), "w", encoding="utf-8").close()
        with open(os.path.join(folder, "number"), "w", encoding="utf-8") as file:
            file.write("01\n")

        def run(*words, give=b""):
            return openssl(folder, *words, give=give)

        for name in ("csca", "ds", "lists"):
            run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        run("req", "-x509", "-new", "-config", "c.cnf", "-extensions", "csca", "-key", "csca.key", "-subj", "/C=UT/O=Utopia/CN=CSCA", "-days", "9000", "-sha256", "-out", "csca.pem")
        for name in ("ds", "lists"):
            run("req", "-new", "-config", "c.cnf", "-key", f"{name}.key", "-subj", f"/C=UT/CN={name}", "-out", f"{name}.csr")
            run("x509", "-req", "-in", f"{name}.csr", "-CA", "csca.pem", "-CAkey", "csca.key", "-set_serial", "7", "-days", "4000", "-sha256", "-extfile", "c.cnf", "-extensions", name, "-out", f"{name}.pem")
        der = {name: run("x509", "-in", f"{name}.pem", "-outform", "DER") for name in ("csca", "ds", "lists")}
        put("chip_signed", "csca.cer", der["csca"])
        put("chip_signed", "ds.cer", der["ds"])
        put("chip_signed", "csca.pem", run("x509", "-in", "csca.pem"))
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "rsa.key", "-config", "c.cnf", "-extensions", "csca", "-subj", "/C=UT/CN=RSA", "-days", "9000", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-out", "rsa.pem")
        put("chip_signed", "rsa-pss.cer", run("x509", "-in", "rsa.pem", "-outform", "DER"))
        run("ca", "-config", "c.cnf", "-gencrl", "-keyfile", "csca.key", "-cert", "csca.pem", "-crldays", "300", "-out", "crl.pem")
        put("chip_signed", "list.crl", run("crl", "-in", "crl.pem", "-outform", "DER"))
        sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"))
        hashed = sequence(*(sequence(integer(n), tlv(0x04, hashlib.sha256(ef).digest())) for n, ef in ((1, dg1),)))
        sod = sequence(integer(0), sha256, hashed)
        master = sequence(integer(0), tlv(0x31, der["csca"]))
        for name, content, kind, signer in (("sod", sod, "2.23.136.1.1.1", "ds"), ("master.ml", master, "2.23.136.1.1.2", "lists")):
            signed = run("cms", "-sign", "-binary", "-nodetach", "-econtent_type", kind, "-signer", f"{signer}.pem", "-inkey", f"{signer}.key", "-md", "sha256", "-outform", "DER", give=content)
            put("chip_signed", name, tlv(0x77, signed) if name == "sod" else signed)


def rows():
    put("import_rows", "persons", b"\0" + "entry,names,birth,sex,nationality,documents,action,expires\nUTO-7,\"ERIKSSON, Anna Maria|Ann Erikson\",1974-08-12,F,UTO,L898902C3/UTO/P,,2030-01-01\nUTO-8,محمد أحمد,1974,,,,,\n".encode())
    put("import_rows", "documents", b"\1number,state,type,entry\nL898902C3,UTO,P,UTO-D1\nD23145890,UTO,,\n")
    put("import_rows", "mark", b"\1\xef\xbb\xbfstate,number\nUTO,X1\n")
    put("import_rows", "faults", b"\0entry,names,birth\n,,13-13\nA,\"B\n")


def field(number, kind, value):
    head = bytes([number << 3 | kind])
    return head + (bytes([value]) if kind == 0 else bytes([len(value)]) + value)


def tensor(name, dims, kind, raw):
    return b"".join(field(1, 0, d) for d in dims) + field(2, 0, kind) + field(8, 2, name.encode()) + field(9, 2, raw)


def node(kind, inputs, outputs, **integers):
    parts = b"".join(field(1, 2, i.encode()) for i in inputs) + b"".join(field(2, 2, o.encode()) for o in outputs)
    parts += field(3, 2, b"n") + field(4, 2, kind.encode())
    for name, value in integers.items():
        parts += field(5, 2, field(1, 2, name.encode()) + field(3, 0, value) + b"\xA0\x01\x02")
    return parts


def weights():
    scale = struct.pack("<2f", 0.5, 0.25)
    graph = field(1, 2, node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=0, block_size=2))
    graph += field(1, 2, node("Reshape", ["w", "shape"], ["v"])) + field(1, 2, node("Relu", ["v"], ["y"]))
    for one in (tensor("q", [4], 3, b"\1\2\3\4"), tensor("s", [2], 1, scale), tensor("z", [2], 3, b"\0\1"), tensor("shape", [2], 7, struct.pack("<2q", 2, 2))):
        graph += field(5, 2, one)
    model = field(1, 0, 8) + b"\x3A" + bytes([len(graph) & 0x7F | 0x80, len(graph) >> 7]) + graph
    put("onnx", "folded", model)
    put("onnx", "none", field(1, 0, 8) + field(7, 2, field(2, 2, b"g")))

    def layer(rows, columns, inputs, outputs, row_stride, column_stride):
        count = rows * columns * inputs * outputs + outputs
        return struct.pack("<7H", rows, columns, inputs, outputs, row_stride, column_stride, 0) + struct.pack("<f", 0.01) * count

    first, last = layer(32, 1, 1, 1, 1, 4), layer(1, 1, 1, 41, 1, 1)
    put("zone_weights", "two-layers", b"MPKZ" + struct.pack("<HH", 1, 2) + first + last)


text()
pictures(sys.argv[1])
states(*chip_files())
protected()
rows()
weights()
