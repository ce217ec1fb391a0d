#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turns Wycheproof's JSON into the line files of this directory.

usage: convert.py FOLDER

FOLDER holds Wycheproof's testvectors_v1. Files are written beside this script.
README.md has their form.
"""

import collections
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# SubjectPublicKeyInfo of an uncompressed point on P-256, up to x || y
SPKI_P256 = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'


def load(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as f:
        return json.load(f)


def write(name, sources, fields, rows, skipped):
    with open(os.path.join(HERE, name), 'w', encoding='ascii') as f:
        f.write('# SPDX-License-Identifier: Apache-2.0\n')
        f.write('# Made by convert.py from C2SP/wycheproof at commit dac1dd4:\n')
        for s in sources:
            f.write('# %s\n' % s)
        for why, count in sorted(skipped.items()):
            f.write('# left out: %d (%s)\n' % (count, why))
        f.write('# %s\n' % ' '.join(fields))
        for row in rows:
            f.write(' '.join(x if x else '-' for x in row) + '\n')


def ecdsa(folder, source, name):
    rows = []
    for group in load(folder, source)['testGroups']:
        point = group['publicKey']['uncompressed']
        assert point.startswith('04') and len(point) == 130
        for t in group['tests']:
            rows.append((str(t['tcId']), t['result'], point[2:], t['msg'], t['sig']))
    write(name, [source], ('id', 'result', 'public', 'message', 'signature'), rows, {})


def ecdh(folder, name):
    sources = ['ecdh_secp256r1_ecpoint_test.json', 'ecdh_secp256r1_test.json']
    rows = []
    skipped = collections.Counter()
    for prefix, source in zip(('04', SPKI_P256), sources):
        for group in load(folder, source)['testGroups']:
            for t in group['tests']:
                public = t['public']
                if not public.startswith(prefix) or len(public) != len(prefix) + 128:
                    skipped['%s: not an uncompressed P-256 point' % source] += 1
                    continue
                private = '%064x' % int(t['private'], 16)
                assert len(private) == 64
                rows.append((str(t['tcId']), t['result'], public[len(prefix):],
                             private, t['shared'], ','.join(t['flags'])))
    write(name, sources, ('id', 'result', 'public', 'private', 'shared', 'flags'),
          rows, skipped)


def mgf1(seed, length):
    out = b''
    for counter in range((length + 31) // 32):
        out += hashlib.sha256(seed + counter.to_bytes(4, 'big')).digest()
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def oaep(folder, name):
    """Valid ciphertexts, with the seed that made each, found by decryption."""
    sources = ['rsa_oaep_%d_sha256_mgf1sha256_test.json' % bits
               for bits in (2048, 3072, 4096)]
    rows = []
    skipped = collections.Counter()
    for source in sources:
        for group in load(folder, source)['testGroups']:
            key = group['privateKey']
            n = int(key['modulus'], 16)
            e = int(key['publicExponent'], 16)
            d = int(key['privateExponent'], 16)
            size = (n.bit_length() + 7) // 8
            for t in group['tests']:
                if t['result'] != 'valid':
                    skipped['not valid: only encoding is tested'] += 1
                    continue
                if t['label']:
                    skipped['label not empty'] += 1
                    continue
                em = pow(int(t['ct'], 16), d, n).to_bytes(size, 'big')
                seed = xor(em[1:33], mgf1(em[33:], 32))
                db = xor(em[33:], mgf1(seed, size - 33))
                assert em[0] == 0 and db.endswith(b'\x01' + bytes.fromhex(t['msg']))
                rows.append((str(t['tcId']), '%x' % n, '%06x' % e, t['msg'],
                             seed.hex(), t['ct']))
    write(name, sources, ('id', 'n', 'e', 'message', 'seed', 'ciphertext'), rows,
          skipped)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    ecdsa(folder, 'ecdsa_secp256r1_sha256_p1363_test.json', 'p256_ecdsa_p1363.txt')
    ecdsa(folder, 'ecdsa_secp256r1_sha256_test.json', 'p256_ecdsa_der.txt')
    ecdsa(folder, 'ecdsa_secp256r1_sha512_test.json', 'p256_ecdsa_sha512_der.txt')
    ecdh(folder, 'p256_ecdh.txt')
    oaep(folder, 'rsa_oaep_sha256.txt')


if __name__ == '__main__':
    main()
