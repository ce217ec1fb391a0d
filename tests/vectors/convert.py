#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turns Wycheproof's JSON into the line files of this directory.

usage: convert.py FOLDER

FOLDER holds Wycheproof's testvectors_v1. Files are written beside this script.
README.md has their form, and why "acceptable" cases became what they are.
"""

import collections
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Our name, Wycheproof's, octets of a coordinate, and the SubjectPublicKeyInfo of an
# uncompressed point up to x || y
Curve = collections.namedtuple('Curve', 'name their octets spki p a b')
CURVES = [
    Curve('p256', 'secp256r1', 32, '3059301306072a8648ce3d020106082a8648ce3d03010703420004',
          2**256 - 2**224 + 2**192 + 2**96 - 1, -3,
          0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b),
    Curve('p384', 'secp384r1', 48, '3076301006072a8648ce3d020106052b8104002203620004',
          2**384 - 2**128 - 2**96 + 2**32 - 1, -3,
          0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef),
    Curve('p521', 'secp521r1', 66, '30819b301006072a8648ce3d020106052b810400230381860004',
          2**521 - 1, -3,
          0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00),
    Curve('p256k', 'secp256k1', 32, '3056301006072a8648ce3d020106052b8104000a03420004',
          2**256 - 2**32 - 977, 0, 7),
]

# The flags that decide "acceptable" cases, by kind of file: what mhsm does. README.md has the reasons. The first that
# fits counts.
DECISIONS = {
    'x25519': [('ZeroSharedSecret', 'invalid'), ('Twist', 'valid'), ('NonCanonicalPublic', 'valid')],
    'ecdh_encoded': [('InvalidAsn', 'invalid'), ('CompressedPoint', 'invalid'), ('UnnamedCurve', 'invalid')],
    'rsa_verify': [('MissingNull', 'invalid')],
    'rsa_sign': [('WeakHash', 'valid'), ('SmallPublicKey', 'valid')],
    'aes_wrap': [('ShortKey', 'invalid')],
}


def load(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as f:
        return json.load(f)


def cases(folder, source):
    """Every group with every test of it."""
    data = load(folder, source)
    seen = 0
    for group in data['testGroups']:
        for t in group['tests']:
            seen += 1
            yield group, t
    assert seen == data['numberOfTests']


def decide(t, kind=None):
    """(result, flags), with the flags led by the result that the source has, where that is not the one here."""
    flags = ','.join(t['flags'])
    if t['result'] != 'acceptable':
        return t['result'], flags
    for flag, result in DECISIONS[kind]:
        if flag in t['flags']:
            return result, 'acceptable,' + flags
    raise ValueError('nothing decides %s' % flags)


def write(name, sources, fields, rows, skipped=None):
    path = os.path.join(HERE, name)
    with open(path, 'w', encoding='ascii') as f:
        f.write('# SPDX-License-Identifier: Apache-2.0\n')
        f.write('# Made by convert.py from C2SP/wycheproof at commit dac1dd4:\n')
        for s in sources:
            f.write('# %s\n' % s)
        for why, count in sorted((skipped or {}).items()):
            f.write('# left out: %d (%s)\n' % (count, why))
        f.write('# %s\n' % fields)
        for row in rows:
            assert len(row) == len(fields.split())
            assert not any(' ' in x for x in row)
            f.write(' '.join(x if x else '-' for x in row) + '\n')
    results = [row[fields.split().index('result')] for row in rows] if 'result' in fields else []
    print('%s: %d cases, %d valid, %d bytes' %
          (name, len(rows), results.count('valid'), os.path.getsize(path)))


def hash_name(name):
    return name.lower().replace('-', '')


# ---- elliptic curves ---------------------------------------------------------

def ecdsa(folder, curve, source, name):
    # What Bitcoin has as invalid is, where ECDSA itself has the same case, as there.
    plain = {}
    if 'bitcoin' in source:
        plain = {(group['publicKey']['uncompressed'], t['msg'], t['sig']): t['result']
                 for group, t in cases(folder, source.replace('_bitcoin', ''))}
    rows = []
    for group, t in cases(folder, source):
        point = group['publicKey']['uncompressed']
        assert point.startswith('04') and len(point) == 2 + 4 * curve.octets
        result, flags = decide(t)
        if plain.get((point, t['msg'], t['sig']), result) != result:
            assert result == 'invalid'
            result, flags = 'valid', 'invalid,' + flags
        rows.append((str(t['tcId']), result, point[2:], t['msg'], t['sig'], flags))
    write(name, [source], 'id result public message signature flags', rows)


def ecdsa_all(folder):
    p256, p384, p521, p256k = CURVES
    for curve, source, name in [
            (p256, 'sha256_p1363', 'p1363'), (p256, 'sha256', 'der'), (p256, 'sha512', 'sha512_der'),
            (p384, 'sha384_p1363', 'p1363'), (p384, 'sha384', 'der'), (p384, 'sha512', 'sha512_der'),
            (p521, 'sha512_p1363', 'p1363'), (p521, 'sha512', 'der'),
            (p256k, 'sha256_p1363', 'p1363'), (p256k, 'sha256', 'der'), (p256k, 'sha256_bitcoin', 'bitcoin_der')]:
        ecdsa(folder, curve, 'ecdsa_%s_%s_test.json' % (curve.their, source),
              '%s_ecdsa_%s.txt' % (curve.name, name))


def on_curve(curve, public):
    x, y = (int(public[i * 2 * curve.octets:(i + 1) * 2 * curve.octets], 16) for i in (0, 1))
    return (x < curve.p and y < curve.p and
            (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p == 0)


def ecdh(folder, curve):
    """Points as x || y in one file; whatever is encoded in another way in a second one."""
    sources = [s for s in ('ecdh_%s_ecpoint_test.json' % curve.their, 'ecdh_%s_test.json' % curve.their)
               if os.path.exists(os.path.join(folder, s))]
    rows, encoded = [], []
    skipped = collections.Counter()
    for source in sources:
        form, prefix = ('point', '04') if 'ecpoint' in source else ('spki', curve.spki)
        for _, t in cases(folder, source):
            private = '%0*x' % (2 * curve.octets, int(t['private'], 16))
            assert len(private) == 2 * curve.octets
            public = t['public']
            if public.startswith(prefix) and len(public) == len(prefix) + 4 * curve.octets:
                public = public[len(prefix):]
                # In the encoding they are right, so the point alone decides.
                result = 'valid' if on_curve(curve, public) else 'invalid'
                flags = ','.join(t['flags'])
                if t['result'] == 'acceptable':
                    flags = 'acceptable,' + flags
                else:
                    assert t['result'] == result
                if result == 'valid':
                    assert len(t['shared']) == 2 * curve.octets
                rows.append((str(t['tcId']), result, public, private, t['shared'], flags))
            else:
                skipped['%s: encoded otherwise, see %s_ecdh_encoded.txt' % (source, curve.name)] += 1
                result, flags = decide(t, 'ecdh_encoded')
                assert result == 'invalid'
                encoded.append((str(t['tcId']), result, form, public, private, t['shared'], flags))
    write('%s_ecdh.txt' % curve.name, sources, 'id result public private shared flags', rows, skipped)
    write('%s_ecdh_encoded.txt' % curve.name, sources, 'id result form public private shared flags', encoded,
          {'well-formed and uncompressed, see %s_ecdh.txt' % curve.name: len(rows)})


def ed25519(folder):
    source = 'ed25519_test.json'
    rows = []
    for group, t in cases(folder, source):
        result, flags = decide(t)
        rows.append((str(t['tcId']), result, group['publicKey']['pk'], t['msg'], t['sig'], flags))
    write('ed25519.txt', [source], 'id result public message signature flags', rows)


def x25519(folder):
    source = 'x25519_test.json'
    rows = []
    for _, t in cases(folder, source):
        result, flags = decide(t, 'x25519')
        assert len(t['public']) == len(t['private']) == len(t['shared']) == 64
        assert (result == 'valid') == (int(t['shared'], 16) != 0)
        rows.append((str(t['tcId']), result, t['public'], t['private'], t['shared'], flags))
    write('x25519.txt', [source], 'id result public private shared flags', rows)


# ---- RSA ---------------------------------------------------------------------

def der_integers(der):
    """The integers of an RSAPrivateKey in a PKCS#8 PrivateKeyInfo."""
    def element(data, pos):
        tag, length, pos = data[pos], data[pos + 1], pos + 2
        if length & 0x80:
            octets = length & 0x7f
            length = int.from_bytes(data[pos:pos + octets], 'big')
            pos += octets
        return tag, data[pos:pos + length], pos + length

    info = element(der, 0)[1]
    pos = element(info, element(info, 0)[2])[2]
    body = element(element(info, pos)[1], 0)[1]
    numbers, pos = [], 0
    while pos < len(body):
        tag, value, pos = element(body, pos)
        assert tag == 2
        numbers.append(int.from_bytes(value, 'big'))
    return numbers


class Keys:
    """
    All RSA keys, each once, named by size and order of appearance. Keys that differ in d alone (one modulo
    lcm(p - 1, q - 1), one modulo (p - 1)(q - 1)) are two.
    """

    def __init__(self):
        self.rows, self.pkcs8 = {}, {}
        self.count = collections.Counter()

    def name(self, group):
        key = group.get('privateKey') or group['publicKey']
        n, e = int(key['modulus'], 16), int(key['publicExponent'], 16)
        private = self.private(n, e, group) if 'privateKeyPkcs8' in group else None
        for name, row in self.rows.items():
            if row[:2] == [n, e] and (not private or row[2] in (None, private)):
                break
        else:
            bits = n.bit_length()
            self.count[bits] += 1
            name = '%d-%d' % (bits, self.count[bits])
            self.rows[name] = [n, e, None]
        if private:
            self.rows[name][2] = private
            assert self.pkcs8.setdefault(name, group['privateKeyPkcs8']) == group['privateKeyPkcs8']
        return name

    @staticmethod
    def private(n, e, group):
        version, n2, e2, d, p, q, dp, dq, qinv = der_integers(bytes.fromhex(group['privateKeyPkcs8']))
        assert version == 0 and (n2, e2) == (n, e) and p * q == n
        assert d == int(group['privateKey']['privateExponent'], 16)
        assert dp == d % (p - 1) and dq == d % (q - 1) and qinv * q % p == 1
        assert e * dp % (p - 1) == 1 and e * dq % (q - 1) == 1
        return d, p, q, dp, dq, qinv

    def write(self, sources):
        rows = []
        for name, (n, e, private) in self.rows.items():
            size = (n.bit_length() + 7) // 8
            half = (size + 1) // 2
            row = [name, '%0*x' % (2 * size, n), '%0*x' % ((len('%x' % e) + 1) // 2 * 2, e)]
            if private:
                row += ['%0*x' % (2 * size, private[0])]
                # Some have primes of different sizes.
                row += ['%0*x' % (2 * max(half, (x.bit_length() + 7) // 8), x) for x in private[1:]]
            else:
                row += [''] * 6
            rows.append(row)
        write('rsa_keys.txt', sources, 'key n e d p q dp dq qinv', rows)
        write('rsa_keys_pkcs8.txt', sources, 'key pkcs8', [(k, self.pkcs8[k]) for k in self.rows if k in self.pkcs8])


def rsa_all(folder):
    keys = Keys()
    used = []

    def rows_of(sources, kind, fields, row):
        rows = []
        used.extend(sources)
        for source in sources:
            for group, t in cases(folder, source):
                result, flags = decide(t, kind)
                rows.append((str(t['tcId']), result, keys.name(group)) + row(group, t) + (flags,))
        return sources, 'id result key ' + fields + ' flags', rows

    for bits in (2048, 3072, 4096):
        sources = ['rsa_signature_%d_sha%d_test.json' % (bits, h) for h in (256, 384, 512)]
        write('rsa_pkcs1_%d_verify.txt' % bits,
              *rows_of(sources, 'rsa_verify', 'hash message signature',
                       lambda g, t: (hash_name(g['sha']), t['msg'], t['sig'])))
    sources = ['rsa_pkcs1_%d_sig_gen_test.json' % bits for bits in (2048, 3072, 4096)]
    write('rsa_pkcs1_sign.txt',
          *rows_of(sources, 'rsa_sign', 'hash message signature',
                   lambda g, t: (hash_name(g['sha']), t['msg'], t['sig'])))
    sources = sorted(s for s in os.listdir(folder) if s.startswith('rsa_pss_'))
    write('rsa_pss_verify.txt',
          *rows_of(sources, None, 'hash mgf salt message signature',
                   lambda g, t: (hash_name(g['sha']), hash_name(g['mgfSha']), str(g['sLen']), t['msg'], t['sig'])))
    sources = sorted(s for s in os.listdir(folder) if s.startswith('rsa_oaep_'))
    write('rsa_oaep_decrypt.txt',
          *rows_of(sources, None, 'hash mgf label ciphertext message',
                   lambda g, t: (hash_name(g['sha']), hash_name(g['mgfSha']), t['label'], t['ct'], t['msg'])))
    sources = ['rsa_pkcs1_%d_test.json' % bits for bits in (2048, 3072, 4096)]
    write('rsa_pkcs1_decrypt.txt',
          *rows_of(sources, None, 'ciphertext message', lambda g, t: (t['ct'], t['msg'])))
    keys.write(sorted(used))


def mgf1(seed, length):
    out = b''
    for counter in range((length + 31) // 32):
        out += hashlib.sha256(seed + counter.to_bytes(4, 'big')).digest()
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def oaep_encode(folder, name):
    """Valid ciphertexts, with the seed that made each, found by decryption."""
    sources = ['rsa_oaep_%d_sha256_mgf1sha256_test.json' % bits
               for bits in (2048, 3072, 4096)]
    rows = []
    skipped = collections.Counter()
    for source in sources:
        for group, t in cases(folder, source):
            key = group['privateKey']
            n = int(key['modulus'], 16)
            e = int(key['publicExponent'], 16)
            d = int(key['privateExponent'], 16)
            size = (n.bit_length() + 7) // 8
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
    write(name, sources, 'id n e message seed ciphertext', rows, skipped)


def primality(folder):
    source = 'primality_test.json'
    rows = []
    skipped = collections.Counter()
    for _, t in cases(folder, source):
        # Two's complement: a first bit set is a sign.
        if t['value'] and int(t['value'][0], 16) >= 8:
            assert t['result'] != 'valid'
            skipped['negative: ours have no sign'] += 1
            continue
        result, flags = decide(t)
        value = t['value'].lstrip('0')
        rows.append((str(t['tcId']), result, '0' * (len(value) % 2) + value, flags))
    write('primality.txt', [source], 'id result value flags', rows, skipped)


# ---- symmetric ---------------------------------------------------------------

def simple(folder, source, name, fields, kind=None, only=None, left_out=None):
    """Fields that have the same names there, but for: id, result, flags, message, ciphertext."""
    rename = {'id': 'tcId', 'message': 'msg', 'ciphertext': 'ct'}
    rows = []
    skipped = collections.Counter()
    for group, t in cases(folder, source):
        if only and not only(group):
            skipped[left_out] += 1
            continue
        values = dict(t, tcId=str(t['tcId']))
        values['result'], values['flags'] = decide(t, kind)
        if 'size' in t:
            values['size'] = str(t['size'])
        rows.append([values[rename.get(f, f)] for f in fields.split()])
    write(name, [source], fields, rows, skipped)


def symmetric_all(folder):
    simple(folder, 'aes_gcm_test.json', 'aes_gcm_wycheproof.txt',
           'id result key iv aad message ciphertext tag flags')
    simple(folder, 'aes_cbc_pkcs5_test.json', 'aes_cbc_pkcs5_wycheproof.txt',
           'id result key iv message ciphertext flags')
    simple(folder, 'aes_cmac_test.json', 'aes_cmac_wycheproof.txt', 'id result key message tag flags')
    for source, name in (('aes_wrap_test.json', 'aes_wrap'), ('aes_kwp_test.json', 'aes_kwp')):
        fields = 'id key message ciphertext result flags'
        simple(folder, source, name + '_wycheproof.txt', fields, 'aes_wrap',
               lambda g: g['keySize'] != 192, 'keys of 192 bits, see %s_192_wycheproof.txt' % name)
        simple(folder, source, name + '_192_wycheproof.txt', fields, 'aes_wrap',
               lambda g: g['keySize'] == 192, 'keys of other sizes, see %s_wycheproof.txt' % name)
    for bits in (256, 384, 512):
        simple(folder, 'hmac_sha%d_test.json' % bits, 'hmac_sha%d_wycheproof.txt' % bits,
               'id result key message tag flags')
        simple(folder, 'hkdf_sha%d_test.json' % bits, 'hkdf_sha%d_wycheproof.txt' % bits,
               'id ikm salt info size okm result flags')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    ecdsa_all(folder)
    for curve in CURVES:
        ecdh(folder, curve)
    ed25519(folder)
    x25519(folder)
    rsa_all(folder)
    oaep_encode(folder, 'rsa_oaep_sha256.txt')
    primality(folder)
    symmetric_all(folder)


if __name__ == '__main__':
    main()
