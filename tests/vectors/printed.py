#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes the files of vectors that standards print and Wycheproof lacks.

usage: printed.py

Inputs are typed in from the documents. Outputs are computed here in plain Python where that is short, and compared
with printed ones, or else typed in; tests/unit/test_vectors_*.c check every one with OpenSSL.
"""

import hashlib
import hmac
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, source, fields, rows):
    with open(os.path.join(HERE, name), 'w', encoding='ascii') as f:
        f.write('# SPDX-License-Identifier: GPL-2.0-only\n')
        f.write('# Made by printed.py: %s\n' % source)
        f.write('# %s\n' % fields)
        for row in rows:
            assert len(row) == len(fields.split())
            f.write(' '.join((x.hex() if isinstance(x, bytes) else str(x)) or '-' for x in row) + '\n')
    print('%s: %d cases' % (name, len(rows)))


def run(first, last):
    return bytes(range(first, last + 1))


# ---- RFC 6979: ECDSA with the nonce given --------------------------------------

# name, p, order, b, base point, private key; a is -3 everywhere. Then some of what is printed, by message and hash.
CURVES = [
    ('p256', 'A.2.5', 2**256 - 2**224 + 2**192 + 2**96 - 1,
     0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
     (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
     0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721,
     {('sample', 'sha256'): (0xa6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60,
                             0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716),
      ('test', 'sha512'): (0x6915d11632aca3c40d5d51c08daf9c555933819548784480e93499000d9f0b7f,
                           0x461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a04)}),
    ('p384', 'A.2.6', 2**384 - 2**128 - 2**96 + 2**32 - 1,
     2**384 - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68d,
     (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f),
     0x6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5,
     {('sample', 'sha384'): (
         0x94ed910d1a099dad3254e9242ae85abde4ba15168eaf0ca87a555fd56d10fbca2907e3e83ba95368623b8c4686915cf9,
         0x94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46),
      ('test', 'sha384'): (
         0x015ee46a5bf88773ed9123a5ab0807962d193719503c527b031b4c2d225092ada71f4a459bc0da98adb95837db8312ea,
         0x8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db)}),
    ('p521', 'A.2.7', 2**521 - 1,
     0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409,
     (0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66,
      0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650),
     0x0fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538,
     {('sample', 'sha512'): (
         0x1dae2ea071f8110dc26882d4d5eae0621a3256fc8847fb9022e2b7d28e6f10198b1574fdd03a9053c08a1854a168aa5a57470ec97dd5ce090124ef52a2f7ecbffd3,
         0x0c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa),
      ('test', 'sha512'): (
         0x16200813020ec986863bedfc1b121f605c1215645018aea1a7b215a564de9eb1b38a67aa1128b80ce391c4fb71187654aaa3431027bfc7f395766ca988c964dc56d,
         0x13e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d)}),
]


def add(p, a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % p == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, p)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, p)
    x = (slope * slope - a[0] - b[0]) % p
    return x, (slope * (a[0] - x) - a[1]) % p


def multiply(p, k, point):
    out = None
    while k:
        if k & 1:
            out = add(p, out, point)
        point = add(p, point, point)
        k >>= 1
    return out


def nonce_of(order, x, digest, hash_name):
    """RFC 6979, 3.2; also the integer that the digest stands for."""
    octets = (order.bit_length() + 7) // 8

    def number(b):
        return int.from_bytes(b, 'big') >> max(0, 8 * len(b) - order.bit_length())

    def mac(key, data):
        return hmac.new(key, data, hash_name).digest()

    seed = x.to_bytes(octets, 'big') + (number(digest) % order).to_bytes(octets, 'big')
    v, k = b'\x01' * len(digest), b'\x00' * len(digest)
    for mark in (b'\x00', b'\x01'):
        k = mac(k, v + mark + seed)
        v = mac(k, v)
    while True:
        t = b''
        while len(t) < octets:
            v = mac(k, v)
            t += v
        # A string longer than the order is cut to its length first.
        nonce = number(t[:octets])
        if 1 <= nonce < order:
            return nonce, number(digest)
        k = mac(k, v + b'\x00')
        v = mac(k, v)


def rfc6979():
    for name, section, p, order, base, x, printed in CURVES:
        octets = (order.bit_length() + 7) // 8
        public = b''.join(c.to_bytes(octets, 'big') for c in multiply(p, x, base))
        rows = []
        for message in ('sample', 'test'):
            for hash_name in ('sha1', 'sha224', 'sha256', 'sha384', 'sha512'):
                digest = hashlib.new(hash_name, message.encode()).digest()
                k, z = nonce_of(order, x, digest, hash_name)
                r = multiply(p, k, base)[0] % order
                s = pow(k, -1, order) * (z + r * x) % order
                if (message, hash_name) in printed:
                    assert printed.pop((message, hash_name)) == (k, r)
                rows.append((len(rows) + 1, 'valid', hash_name, message.encode(), x.to_bytes(octets, 'big'), public,
                             k.to_bytes(octets, 'big'), b''.join(c.to_bytes(octets, 'big') for c in (r, s)), section))
        assert not printed
        write('%s_ecdsa_rfc6979.txt' % name, 'RFC 6979 %s; computed, and compared with what is printed' % section,
              'id result hash message private public nonce signature flags', rows)


# ---- RFC 8032, RFC 7748 --------------------------------------------------------

def rfc8032():
    long_message = (
        '08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1'
        'e355f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d'
        '658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a'
        '7363c344fe6b199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e'
        '06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbefefd75499da96bd68a8a97b928a8bbc10'
        '3b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed1'
        '85ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d'
        '502f1a8c6eb6f1ce22b3de1a1f40cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f270'
        '88d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089b'
        'eccf80cfe2df16a2cf65bd92dd597b0707e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128ba'
        'b27af87a71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969b'
        'e3ea7082ff7fc9888c144da2af58429ec96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb7'
        '51fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c42f58c30c04aafdb038dda0847dd988d'
        'cda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df'
        'f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08d78ff4ef5d63653a65040cf9bfd4aca7'
        '984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e4'
        '88acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac09'
        '43bf6686b64b2579376504ccc493d97e6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5f'
        'b93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b50d334ba77c225bc307ba537152f3f161'
        '0e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380d'
        'b2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef68d3a101e8a3b8ca'
        'c60c905c15fc910840b94c00a0b9d0')
    assert len(long_message) == 2 * 1023
    rows = [
        ('1', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
         'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
         'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b'
         'be24655141438e7a100b'),
        ('2', '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
         '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
         '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430'
         '2aeeb00d291612bb0c00'),
        ('3', 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
         'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82',
         '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e'
         'd28dc027beceea1ec40a'),
        ('1024', 'f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5',
         '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e', long_message,
         '0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e'
         '30a6ac00a9704a188a03'),
        ('SHA(abc)', '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
         'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf', hashlib.sha512(b'abc').hexdigest(),
         'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138a'
         'c17ad9bef1177331a704'),
    ]
    write('ed25519_rfc8032.txt', 'RFC 8032 7.1; typed in', 'id result private public message signature flags',
          [(row[0], 'valid') + row[1:] + ('7.1',) for row in rows])


def x25519(scalar, u):
    p = 2**255 - 19
    k = int.from_bytes(scalar, 'little') & ~7 & (2**255 - 1) | 2**254
    x1 = int.from_bytes(u, 'little') & (2**255 - 1)
    x2, z2, x3, z3 = 1, 0, x1, 1
    for bit in reversed(range(255)):
        swap = k >> bit & 1
        if swap:
            x2, z2, x3, z3 = x3, z3, x2, z2
        plus, minus = (x2 + z2) ** 2 % p, (x2 - z2) ** 2 % p
        e = plus - minus
        da, cb = (x3 - z3) * (x2 + z2), (x3 + z3) * (x2 - z2)
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = plus * minus % p, e * (plus + 121665 * e) % p
        if swap:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, -1, p) % p).to_bytes(32, 'little')


def rfc7748():
    nine = (9).to_bytes(32, 'little')
    a = bytes.fromhex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    b = bytes.fromhex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    inputs = [
        ('5.2', 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
         'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
         'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'),
        ('5.2', '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
         'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
         '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957'),
        ('6.1,Base', a.hex(), nine.hex(), '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
        ('6.1,Base', b.hex(), nine.hex(), x25519(b, nine).hex()),
        ('6.1', a.hex(), x25519(b, nine).hex(), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'),
        ('6.1', b.hex(), x25519(a, nine).hex(), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'),
    ]
    rows = []
    for flags, scalar, u, shared in inputs:
        assert x25519(bytes.fromhex(scalar), bytes.fromhex(u)).hex() == shared
        rows.append((len(rows) + 1, 'valid', u, scalar, shared, flags))
    write('x25519_rfc7748.txt', 'RFC 7748 5.2 and 6.1; typed in, and compared with what was computed',
          'id result public private shared flags', rows)
    rounds = [(1, '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079'),
              (1000, '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51'),
              (1000000, '7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424')]
    k = u = nine
    for i in range(1, 1001):
        k, u = x25519(k, u), k
        assert i not in (1, 1000) or (i, k.hex()) in rounds
    write('x25519_rfc7748_iterated.txt', 'RFC 7748 5.2, from k = u = 9 so many rounds; the last typed in and no more',
          'rounds shared', rounds)


# ---- symmetric -----------------------------------------------------------------

AES_KEYS = ('2b7e151628aed2a6abf7158809cf4f3c', '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
            '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')
AES_TEXT = ('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51'
            '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710')


def sp800_38():
    rows = []
    for section, key, tags in zip(('4', 'SP800-38B-D.2', 'SP800-38B-D.3'), AES_KEYS, (
            ('bb1d6929e95937287fa37d129b756746', '070a16b46b4d4144f79bdd9dd04a287c',
             'dfa66747de9ae63030ca32611497c827', '51f0bebf7e3b9d92fc49741779363cfe'),
            ('d17ddf46adaacde531cac483de7a9367', '9e99a7bf31e710900662f65e617c5184',
             '8a1de5be2eb31aad089a82e6ee908b0e', 'a1d5df0eed790f794d77589659f39a11'),
            ('028962f61b7bf89efc6b551f4667d983', '28a7023f452e8f82bd4bf28d8c37c35c',
             'aaf3d8f1de5640c232f5b169b9c911e6', 'e1992190549f6ed5696a2c056c315410'))):
        for octets, tag in zip((0, 16, 40, 64), tags):
            rows.append((len(rows) + 1, 'valid', key, AES_TEXT[:2 * octets], tag, section))
    write('aes_cmac_rfc4493.txt', 'RFC 4493 4, and for longer keys SP 800-38B (2005) D.2, D.3; typed in',
          'id result key message tag flags', rows)
    for name, what, iv, texts in (
            ('aes_cbc_sp800_38a.txt', 'F.2, without padding', '000102030405060708090a0b0c0d0e0f', (
                '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2'
                '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
                '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a'
                '571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
                'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d'
                '39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b')),
            ('aes_ctr_sp800_38a.txt', 'F.5, the whole block is the counter', 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', (
                '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff'
                '5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
                '1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94'
                '1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050',
                '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5'
                '2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6'))):
        write(name, 'SP 800-38A %s; typed in' % what, 'id result key iv message ciphertext flags',
              [(i + 1, 'valid', AES_KEYS[i], iv, AES_TEXT, texts[i], what[:3]) for i in range(3)])


def rfc4231():
    inputs = [
        (b'\x0b' * 20, b'Hi There', 64), (b'Jefe', b'what do ya want for nothing?', 64), (b'\xaa' * 20, b'\xdd' * 50, 64),
        (run(1, 25), b'\xcd' * 50, 64), (b'\x0c' * 20, b'Test With Truncation', 16),
        (b'\xaa' * 131, b'Test Using Larger Than Block-Size Key - Hash Key First', 64),
        (b'\xaa' * 131, b'This is a test using a larger than block-size key and a larger than block-size data. The key '
         b'needs to be hashed before being used by the HMAC algorithm.', 64),
    ]
    printed = {
        'sha256': ('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
                   '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'),
        'sha384': ('afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
                   '6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e'),
        'sha512': ('87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde'
                   'daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
                   'e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944'
                   'b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58'),
    }
    for name, (first, last) in printed.items():
        rows = [(i + 1, 'valid', key, message, hmac.new(key, message, name).digest()[:size], '4.%d' % (i + 2))
                for i, (key, message, size) in enumerate(inputs)]
        assert rows[0][4].hex() == first and rows[-1][4].hex() == last
        write('hmac_%s_rfc4231.txt' % name, 'RFC 4231 4; computed, and compared with the first and last printed',
              'id result key message tag flags', rows)


def rfc5869():
    rows = []
    for ikm, salt, info, size, prk, okm in (
            (b'\x0b' * 22, run(0, 12), run(0xf0, 0xf9), 42,
             '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
             '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'),
            (run(0, 0x4f), run(0x60, 0xaf), run(0xb0, 0xff), 82,
             '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
             'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09'
             'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87'),
            (b'\x0b' * 22, b'', b'', 42, '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
             '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8')):
        assert hmac.new(salt or bytes(32), ikm, 'sha256').hexdigest() == prk
        out = t = b''
        while len(out) < size:
            t = hmac.new(bytes.fromhex(prk), t + info + bytes([len(out) // 32 + 1]), 'sha256').digest()
            out += t
        assert out[:size].hex() == okm
        rows.append((len(rows) + 1, ikm, salt, info, size, okm, 'valid', prk, 'A.%d' % (len(rows) + 1)))
    write('hkdf_sha256_rfc5869.txt', 'RFC 5869 A.1 to A.3; typed in, and compared with what was computed',
          'id ikm salt info size okm result prk flags', rows)


def sp800_108():
    """The standard prints none. With AES-CMAC the outputs are OpenSSL's: openssl kdf -kdfopt ... KBKDF"""
    label, context = b'mhsm test label', run(0xa0, 0xbf)
    cmac = {
        ('cmac-aes128', 40): 'a0bf6326058261a819fe59e6eb9eecec30c2c43c658a5ef105c5e2bdbbc4408fd92fc626768c5e11',
        ('cmac-aes256', 40): '2ac61f54ad4ddd08f5d4171e0e9863b2584c7013d5269a7375525d26eec859c734bcde2128a815e0',
    }
    rows = []
    for mac, key in (('hmac-sha256', run(0, 31)), ('hmac-sha384', run(0, 47)), ('hmac-sha512', run(0, 63)),
                     ('hmac-sha512', run(0, 199))):
        for size in (1, 16, 64, 65, 200):
            for lab, con in ((label, context), (label, b''), (b'', context)):
                out, i = b'', 0
                while len(out) < size:
                    i += 1
                    data = i.to_bytes(4, 'big') + lab + b'\0' + con + (8 * size).to_bytes(4, 'big')
                    out += hmac.new(key, data, mac[5:]).digest()
                rows.append((len(rows) + 1, 'valid', mac, key, lab, con, size, out[:size], 'Computed'))
    for (mac, size), okm in cmac.items():
        rows.append((len(rows) + 1, 'valid', mac, run(0, int(mac[-3:]) // 8 - 1), label, context, size, okm, 'OpenSSL'))
    write('kbkdf_sp800_108.txt', 'SP 800-108r1 4.1: a counter of 32 bits, label, 00, context, bits of output in 32; '
          'computed, with AES-CMAC by OpenSSL', 'id result mac key label context size okm flags', rows)


if __name__ == '__main__':
    rfc6979()
    rfc8032()
    rfc7748()
    sp800_38()
    rfc4231()
    rfc5869()
    sp800_108()
