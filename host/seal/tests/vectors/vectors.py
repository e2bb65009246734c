"""Makes version-1.json with nothing of Mpaka's: Python's hashlib, hmac and zlib, and the packages
cryptography and cbor2. HPKE is written out from RFC 9180 and held against cryptography's own.

    python3 vectors.py > version-1.json
"""

import hashlib, hmac, json, struct, zlib
import cbor2
from cryptography.hazmat.primitives import hpke, serialization as ser
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def tagged(purpose, *parts):
    return b"".join(struct.pack(">Q", len(p)) + p for p in (purpose.encode(), *parts))


def raw(public):
    return public.public_bytes(ser.Encoding.Raw, ser.PublicFormat.Raw)


# RFC 9180: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20-Poly1305 0x0003, mode base.
def extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite, prk, label, info, length):
    info = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([n]), "sha256")
        out, n = out + block, n + 1
    return out[:length]


def hpke_seal(ephemeral, recipient, info, aad, plaintext):
    enc = raw(ephemeral.public_key())
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"
    prk = extract(kem, b"", b"eae_prk", ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient)))
    shared = expand(kem, prk, b"shared_secret", enc + recipient, 32)
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, 32)
    nonce = expand(suite, secret, b"base_nonce", context, 12)
    return enc, ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


parcel_key = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"parcel").digest())
receipt_key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"receipt").digest())
device_key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"device").digest())
parcel_public, receipt_public = raw(parcel_key.public_key()), raw(receipt_key.public_key())

enc, ct = hpke_seal(X25519PrivateKey.generate(), parcel_public, b"info", b"", b"as cryptography has it")
theirs = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
assert theirs.decrypt(enc + ct, parcel_key, info=b"info") == b"as cryptography has it"

hq_id = hashlib.sha256(tagged("mpaka headquarters key id v1", parcel_public, receipt_public)).digest()[:8]

post = "UTO-1"
head = hashlib.sha256(tagged("mpaka ledger start v1", post.encode())).digest()
start, chain = head, []
for number, line in enumerate([b"", b"first", b"a longer line, the third"], 1):
    head = hashlib.sha256(tagged("mpaka ledger line v1", head, struct.pack(">Q", number), line)).digest()
    chain.append({"line": line.hex(), "hash": head.hex()})
ledger = {"line": 3, "hash": head}

record = b"The quality of mercy is not strained. " * 20


def parcel(sequence, packing, record=record, ledger=ledger):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeeze.compress(record) + squeeze.flush() if packing == "deflate" else record
    header = cbor2.dumps({
        "p": post, "s": sequence, "k": "encounter", "t": "2026-03-04T05:06:07Z",
        "l": ledger, "h": hq_id, "z": packing,
    })
    ephemeral = X25519PrivateKey.from_private_bytes(hashlib.sha256(packing.encode() + record).digest())
    enc, ct = hpke_seal(ephemeral, parcel_public, b"mpaka parcel v1", header, packed)
    signature = device_key.sign(tagged("mpaka parcel signature v1", header, enc, ct))
    return cbor2.dumps([1, header, enc, ct, signature]).hex()


body = cbor2.dumps({
    "receipt": {"post": post, "up_to": 8, "ledger": ledger, "at": "2026-03-05T00:00:00Z"}, "hq": hq_id,
})
receipt = cbor2.dumps([1, body, receipt_key.sign(tagged("mpaka receipt v1", body))])
device_public = raw(device_key.public_key())
enrolment = {
    "version": 1, "post": post, "device": device_public.hex(),
    "signature": device_key.sign(tagged("mpaka enrolment v1", post.encode(), device_public)).hex(),
}
private = lambda key: key.private_bytes(ser.Encoding.Raw, ser.PrivateFormat.Raw, ser.NoEncryption()).hex()
version_1 = {
    "hq_private": {
        "version": 1, "parcel_private": private(parcel_key), "receipt_seed": private(receipt_key),
    },
    "hq_public": {"version": 1, "parcel": parcel_public.hex(), "receipt": receipt_public.hex()},
    "hq_id": hq_id.hex(),
    "device_pkcs8": device_key.private_bytes(
        ser.Encoding.DER, ser.PrivateFormat.PKCS8, ser.NoEncryption()).hex(),
    "enrolment": enrolment,
    "post": post, "start": start.hex(), "chain": chain,
    "record": record.hex(),
    "parcel_deflate": parcel(7, "deflate"), "parcel_plain": parcel(8, "plain"),
    "receipt": receipt.hex(),
}

if __name__ == "__main__":
    print(json.dumps(version_1, indent=1))
