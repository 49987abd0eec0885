"""Asks libopus about merged packets. encode: writes packets (two bytes of length before each) of several codings. check: reads
three packets and their merger, over and over, and compares decoded samples and libopus' own repacketizer. 77: no libopus."""
import ctypes as C, math, random, struct, sys

try:
    lib = C.CDLL("libopus.so.0")
except OSError:
    sys.exit(77)
lib.opus_encoder_create.restype = lib.opus_decoder_create.restype = lib.opus_repacketizer_create.restype = C.c_void_p

def encode():
    rng = random.Random(1)
    # application, channels, bit rate, in-band FEC, constant rate
    for app, ch, rate, fec, vbr in [(2048, 1, 24000, 1, 1), (2048, 1, 12000, 1, 1), (2049, 2, 64000, 0, 1), (2049, 1, 32000, 1, 0), (2051, 2, 128000, 0, 1)]:
        err = C.c_int()
        enc = lib.opus_encoder_create(48000, ch, app, C.byref(err))
        for req, val in [(4002, rate), (4012, fec), (4014, 10), (4006, vbr)]:
            lib.opus_encoder_ctl(C.c_void_p(enc), req, C.c_int(val))
        group, phase = [], 0.0
        for n in range(126):
            pcm = (C.c_int16 * (960 * ch))()
            loud = 0 if n % 97 > 80 else 9000
            for i in range(960):
                phase += 2 * math.pi * (180 + 60 * math.sin(n / 9)) / 48000
                s = int(loud * (math.sin(phase) + 0.5 * math.sin(3.1 * phase)) / 2 + rng.randint(-300, 300))
                for c in range(ch):
                    pcm[i * ch + c] = s if c == 0 else -s // 2
            buf = C.create_string_buffer(1500)
            size = lib.opus_encode(C.c_void_p(enc), pcm, 960, buf, 1500)
            assert size > 0, size
            packet = buf.raw[:size]
            if group and group[0][0] & 0xfc != packet[0] & 0xfc:
                group = []  # the coding changed: such are not merged
            group.append(packet)
            if len(group) == 3:
                for p in group:
                    sys.stdout.buffer.write(struct.pack(">H", len(p)) + p)
                group = []

def decoder(ch):
    err = C.c_int()
    return lib.opus_decoder_create(48000, ch, C.byref(err))

def decode(dec, packet, ch):
    pcm = (C.c_int16 * (5760 * ch))()
    n = lib.opus_decode(C.c_void_p(dec), packet, len(packet), pcm, 5760, 0)
    assert n > 0, n
    return bytes(pcm)[: n * ch * 2]

def repacketize(parts):
    rp = lib.opus_repacketizer_create()
    keep = [C.create_string_buffer(p, len(p)) for p in parts]
    for p, k in zip(parts, keep):
        assert lib.opus_repacketizer_cat(C.c_void_p(rp), k, len(p)) == 0
    out = C.create_string_buffer(4000)
    n = lib.opus_repacketizer_out(C.c_void_p(rp), out, 4000)
    assert n > 0, n
    lib.opus_repacketizer_destroy(C.c_void_p(rp))
    return out.raw[:n]

def check():
    data, at, groups, samples, loud = sys.stdin.buffer.read(), 0, 0, 0, 0
    one, three = decoder(2), decoder(2)
    while at < len(data):
        packets = []
        for _ in range(4):
            (n,) = struct.unpack_from(">H", data, at)
            packets.append(data[at + 2 : at + 2 + n])
            at += 2 + n
        single = b"".join(decode(one, p, 2) for p in packets[:3])
        merged = decode(three, packets[3], 2)
        if single != merged:
            sys.exit("group %d: samples differ" % groups)
        if packets[3] != repacketize(packets[:3]):
            sys.exit("group %d: libopus makes %s of it, we %s" % (groups, repacketize(packets[:3]).hex(), packets[3].hex()))
        groups += 1
        samples += len(single) // 4
        loud += any(single)
    if loud < groups // 2:
        sys.exit("hardly any sound: the test proves nothing")
    print("%d groups, %d samples identical" % (groups, samples))

{"encode": encode, "check": check}[sys.argv[1]]()
