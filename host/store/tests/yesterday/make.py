"""Makes a store as version 1 lays it out, with nothing of Mpaka's (see ../../../seal/tests/vectors/vectors.py):
two encounters, of which the first has its receipt. Writes layout-1.sql and layout-1.json beside itself;
layout-1.tables.sql is the layout as it was released, and is never changed.
"""

import hashlib, hmac, json, pathlib, struct, sys

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here / "../../../seal/tests/vectors"))
import cbor2
import vectors as seal

post = seal.post
head, line, sql = bytes.fromhex(seal.version_1["start"]), 0, []


def blob(b):
    return f"x'{b.hex()}'"


def append(at, event, sequence="NULL"):
    global head, line
    line += 1
    body = cbor2.dumps({"version": 1, "at": at, "event": event})
    previous = head
    head = hashlib.sha256(seal.tagged("mpaka ledger line v1", head, struct.pack(">Q", line), body)).digest()
    sql.append(f"INSERT INTO ledger VALUES ({line}, {sequence}, {blob(body)}, {blob(previous)}, {blob(head)});")


def encounter(sequence, advice, decision):
    opened, decided = f"2026-01-0{sequence}T08:00:00Z", f"2026-01-0{sequence}T08:00:41Z"
    record = cbor2.dumps({
        "version": 1,
        "id": {"post": post, "sequence": sequence},
        "lane": "lane-1",
        "opened_at": opened,
        "document": {"mrz": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                             "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]},
        "checks": [{"check": "zone.present", "outcome": "Successful", "detail": ""}],
        "face_score": 0.5,
        "candidates": [],
        "edition": 3,
        "advised": {"advice": advice, "reasons": []},
        "decision": {"decision": decision, "officer": "a.officer", "at": decided,
                     "against_advice": False, "reason": None},
    })
    salt = hashlib.sha256(b"salt" + bytes([sequence])).digest()
    digest = hmac.digest(salt, record, "sha256").hex()
    append(decided, {"encounter": {
        "sequence": sequence, "advice": advice, "decision": decision, "edition": 3, "digest": digest,
    }}, sequence)
    sql.append(f"INSERT INTO encounters VALUES ({sequence}, 'lane-1', '{opened}', '{advice}', '{decision}', "
               f"{blob(salt)}, {blob(record)});")
    parcel = seal.parcel(sequence, "deflate", record, {"line": line, "hash": head})
    return f"INSERT INTO outbox VALUES ({sequence}, 'encounter', '{decided}', x'{parcel}');"


append("2026-01-01T07:00:00Z", {"note": {"note": "started", "program": "0.1.0"}})
append("2026-01-01T07:30:00Z", {"note": {"note": "officer_signed_in", "officer": "0011223344556677"}})
encounter(1, "Clear", "Admit")
body = cbor2.dumps({"receipt": {"post": post, "up_to": 1, "ledger": {"line": line, "hash": head},
                                "at": "2026-01-01T09:00:00Z"}, "hq": seal.hq_id})
receipt = cbor2.dumps([1, body, seal.receipt_key.sign(seal.tagged("mpaka receipt v1", body))])
append("2026-01-01T09:00:01Z", {"receipt": {"up_to": 1, "erased": 1}})
sql.append(f"INSERT INTO receipts VALUES (1, 1, '2026-01-01T09:00:00Z', {blob(receipt)});")
sql.append(encounter(2, "Look", "Refer"))
officer_key = hashlib.sha256(b"officer").digest()
sql.append(f"INSERT INTO meta VALUES (1, '{post}', 2, {blob(officer_key)});")

key = hashlib.sha256(b"store").digest()
fingerprint = hashlib.sha256(seal.tagged("mpaka store key fingerprint v1", key)).digest()
(here / "layout-1.sql").write_text("\n".join(sql) + "\n")
(here / "layout-1.json").write_text(json.dumps({
    "store_key": key.hex(), "fingerprint": fingerprint.hex(), "post": post, "head": head.hex(),
    "officer": "a.officer", "officer_tag": hmac.digest(officer_key, b"a.officer", "sha256")[:8].hex(),
    "hq_private": seal.version_1["hq_private"], "device_pkcs8": seal.version_1["device_pkcs8"],
}, indent=1) + "\n")
