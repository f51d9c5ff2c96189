"""The second, independent opinion about pictures: Pillow, cjpeg, heif-enc and heif-convert.

    oracle.py make DIR PHOTO...     writes variants of photos into DIR, and a line of JSON for each to standard output
    oracle.py compare               reads lines of JSON from standard input, and prints how far apart two pictures are
"""
import io
import json
import os
import subprocess
import sys

from PIL import Image, ImageChops, ImageMath, ImageOps, ImageStat

SIDE = 160  # variants are made of the photos at this size, so that a few hundred take seconds


def flat(img):
    """The picture as a person sees it: upright, on white, RGB."""
    img = ImageOps.exif_transpose(img)
    if img.mode.startswith("I"):  # 16 bits, which Pillow would cut instead of scale
        img = ImageMath.eval("convert(i / 257, 'L')", i=img)
    if img.mode == "P" and "transparency" in img.info or img.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        img = img.convert("RGBA")
        white = Image.new("RGBA", img.size, "white")
        return Image.alpha_composite(white, img).convert("RGB")
    if "transparency" in img.info:
        return flat(img.convert("RGBA"))
    return img.convert("RGB")


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def saved(img, **options):
    data = io.BytesIO()
    img.save(data, **options)
    return data.getvalue()


def run(*command, data=None):
    return subprocess.run(command, input=data, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def cjpeg(img, *options):
    return run("cjpeg", "-quality", "92", *options, data=saved(img, format="PPM"))


def heif(directory, img, *options, ending="heic"):
    """The picture as heif-enc writes it."""
    source, target = os.path.join(directory, "heif.png"), os.path.join(directory, "heif." + ending)
    img.save(source)
    run("heif-enc", *options, source, "-o", target)
    with open(target, "rb") as made:
        return made.read()


def opened(directory, content, ending):
    """What heif-convert, which decodes AVIF with another library, makes of a file."""
    source, target = os.path.join(directory, "heif." + ending), os.path.join(directory, "heif-opened.png")
    with open(source, "wb") as out:
        out.write(content)
    run("heif-convert", source, target)
    img = Image.open(target)
    img.load()
    return img


def turned(content, quarters=None, mirrored=None):
    """The file with the box that turns the picture, or mirrors it, among its properties."""
    at = content.index(b"ispe") - 4
    size = int.from_bytes(content[at : at + 4], "big")
    if quarters is not None:
        box = b"\x00\x00\x00\x09irot" + bytes([quarters])
    else:
        box = b"\x00\x00\x00\x09imir" + bytes([mirrored])
    return appended(content, box)


def appended(content, box):
    """The file with one more property of its first item. Everything behind the description moves, so offsets are mended."""
    ipco, ipma = content.index(b"ipco") - 4, content.index(b"ipma") - 4
    count, position = 0, ipco + 8
    end = ipco + int.from_bytes(content[ipco : ipco + 4], "big")
    while position < end:
        count += 1
        position += int.from_bytes(content[position : position + 4], "big")
    entry = ipma + 8 + 4 + 4 + 2  # behind version and flags, number of items, the first item's number
    out = bytearray(content)
    out[entry] += 1
    listed = out[entry]
    out[entry + listed : entry + listed] = bytes([0x80 | (count + 1)])
    out[end:end] = box
    grown = len(box) + 1

    def grow(at, by):
        out[at : at + 4] = (int.from_bytes(out[at : at + 4], "big") + by).to_bytes(4, "big")

    grow(ipco, len(box))
    grow(bytes(out).index(b"ipma") - 4, 1)
    grow(bytes(out).index(b"iprp") - 4, grown)
    grow(bytes(out).index(b"meta") - 4, grown)
    iloc = bytes(out).index(b"iloc") - 4
    assert out[iloc + 8] <= 1 and out[iloc + 12] == 0x44, "another kind of iloc than heif-enc writes"
    base = out[iloc + 13] >> 4
    position = iloc + 16
    for _ in range(int.from_bytes(out[iloc + 14 : iloc + 16], "big")):
        position += 2 + (2 if out[iloc + 8] == 1 else 0) + 2 + base
        extents = int.from_bytes(out[position : position + 2], "big")
        position += 2
        for _ in range(extents):
            grow(position, grown)
            position += 8
    return bytes(out)


def oriented(jpeg, orientation):
    """A JPEG with an EXIF segment right after its start."""
    body = exif(orientation)
    return jpeg[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


def variants(directory, index, photo):
    """Yields (name, ending, content, expected picture); the expectation is None where Pillow can open the content itself."""
    rgba = photo.convert("RGBA")
    rgba.thumbnail((SIDE, SIDE))
    rgb = flat(rgba)
    turn = index % 8 + 1
    yield "jpeg-q40", "jpg", saved(rgb, format="JPEG", quality=40), None
    for sampling in range(3):
        yield f"jpeg-sampling{sampling}", "jpg", saved(rgb, format="JPEG", quality=90, subsampling=sampling, exif=exif(turn)), None
        yield f"jpeg-progressive{sampling}", "jpg", saved(rgb, format="JPEG", quality=90, subsampling=sampling, progressive=True, exif=exif(turn)), None
    yield "jpeg-gray", "jpg", saved(rgb.convert("L"), format="JPEG", exif=exif(turn)), None
    yield "jpeg-cmyk", "jpg", saved(rgb.convert("CMYK"), format="JPEG", quality=92), None
    yield "jpeg-restarts", "jpg", oriented(cjpeg(rgb, "-restart", "3B"), turn), None
    whole = saved(rgb, format="JPEG", quality=90)
    yield "jpeg-no-eoi", "jpg", whole[:-2], Image.open(io.BytesIO(whole))
    whole = saved(rgb, format="JPEG", quality=90, progressive=True)
    yield "jpeg-progressive-no-eoi", "jpg", whole[:-2] + b"\x00\x00maker", Image.open(io.BytesIO(whole))
    for sample in ("2x1,1x2,1x2", "3x1,1x1,1x1", "1x3,1x1,1x1", "4x1,2x1,1x1", "1x4,1x1,1x1", "2x4,1x1,1x1", "3x2,1x1,1x1", "2x2,2x1,1x2", "4x1,1x1,2x1", "4x1,1x1,1x1"):
        yield f"jpeg-sample-{sample}", "jpg", oriented(cjpeg(rgb, "-sample", sample), turn), None
        yield f"jpeg-progressive-sample-{sample}", "jpg", oriented(cjpeg(rgb, "-progressive", "-sample", sample), turn), None
    yield "jpeg-rgb", "jpg", oriented(cjpeg(rgb, "-rgb"), turn), None
    yield "webp-lossy", "webp", saved(rgb, format="WEBP", quality=85, exif=exif(turn)), None
    yield "webp-lossy-alpha", "webp", saved(rgba, format="WEBP", quality=85, exif=exif(turn)), None
    yield "webp-lossless", "webp", saved(rgb, format="WEBP", lossless=True, exif=exif(turn)), None
    yield "webp-lossless-alpha", "webp", saved(rgba, format="WEBP", lossless=True), None
    yield "png-rgb", "png", saved(rgb, format="PNG", exif=exif(turn)), None
    yield "png-rgba", "png", saved(rgba, format="PNG", exif=exif(turn)), None
    yield "png-gray", "png", saved(rgb.convert("L"), format="PNG", exif=exif(turn)), None
    yield "png-gray-alpha", "png", saved(rgba.convert("LA"), format="PNG"), None
    yield "png-palette", "png", saved(rgb.quantize(64), format="PNG", exif=exif(turn)), None
    yield "png-bits", "png", saved(rgb.convert("1"), format="PNG", exif=exif(turn)), None
    yield "png-keyed", "png", saved(rgb.quantize(32), format="PNG", transparency=3), None
    yield "gif", "gif", saved(rgb.quantize(128), format="GIF"), None
    yield "gif-no-trailer", "gif", saved(rgb.quantize(128), format="GIF")[:-1], None
    yield "gif-keyed", "gif", saved(rgb.quantize(32), format="GIF", transparency=5), None


def heifs(directory, index, photo):
    """Yields as variants does. HEIC is compared with the picture it was made from, because only its own library opens it."""
    rgb = flat(photo.convert("RGBA"))
    rgb.thumbnail((SIDE, SIDE))
    rgb = rgb.crop((0, 0, rgb.width // 2 * 2, rgb.height // 2 * 2))
    for matrix in ("1", "6", "9"):
        for full in ("0", "1"):
            content = heif(directory, rgb, "-q", "95", "-p", "chroma=444", f"--matrix_coefficients={matrix}", f"--full_range_flag={full}")
            yield f"heic-matrix{matrix}-range{full}", "heic", content, rgb
            content = heif(directory, rgb, "-A", "-q", "90", "-p", "speed=9", f"--matrix_coefficients={matrix}", f"--full_range_flag={full}", ending="avif")
            yield f"avif-matrix{matrix}-range{full}", "avif", content, opened(directory, content, "avif")
    plain = heif(directory, rgb, "-q", "95", "-p", "chroma=444")
    for quarters in range(1, 4):
        yield f"heic-irot{quarters}", "heic", turned(plain, quarters=quarters), rgb.rotate(90 * quarters, expand=True)
    yield "heic-420", "heic", heif(directory, rgb, "-q", "95"), rgb
    yield "heic-gray", "heic", heif(directory, rgb.convert("L"), "-q", "95"), rgb.convert("L")
    plain = heif(directory, rgb, "-A", "-q", "90", "-p", "speed=9", ending="avif")
    for name, how in {"irot1": {"quarters": 1}, "irot2": {"quarters": 2}, "irot3": {"quarters": 3}, "imir0": {"mirrored": 0}, "imir1": {"mirrored": 1}}.items():
        content = turned(plain, **how)
        yield "avif-" + name, "avif", content, opened(directory, content, "avif")
    source, target = os.path.join(directory, "deep.png"), os.path.join(directory, "deep.avif")
    rgb.save(source)
    run("avifenc", "--speed", "9", "--depth", "10", "--min", "5", "--max", "10", source, target)
    with open(target, "rb") as made:
        deep = made.read()
    yield "avif-10bits", "avif", deep, opened(directory, deep, "avif")
    glass = photo.convert("RGBA")
    glass.thumbnail((SIDE, SIDE))
    content = heif(directory, glass, "-A", "-q", "95", "-p", "speed=9", ending="avif")
    yield "avif-alpha", "avif", content, opened(directory, content, "avif")


def make(directory, paths):
    made = 0

    def write(name, ending, content):
        nonlocal made
        made += 1
        path = os.path.join(directory, f"{made:05d}-{name}.{ending}")
        with open(path, "wb") as out:
            out.write(content)
        return path

    for index, path in enumerate(paths):
        print(json.dumps({"kind": "as it is", "input": path, "expected": path}))
        photo = Image.open(path)
        photo.load()
        kinds = list(variants(directory, index, photo)) if index % 20 == 0 else []
        if index % 110 == 0:  # slow to make
            kinds += heifs(directory, index, photo)
        for name, ending, content, expected in kinds:
            at = write(name, ending, content)
            want = at if expected is None else write(name + "-expected", "png", saved(flat(expected), format="PNG"))
            print(json.dumps({"kind": name, "input": at, "expected": want}))


def apart(a, b):
    """The mean difference of the worst channel, and the largest difference between averages of 8 × 8 pixels."""
    mean = max(ImageStat.Stat(ImageChops.difference(a, b)).mean)
    worst = max(high for _, high in ImageChops.difference(a.reduce(8), b.reduce(8)).getextrema())
    return {"mean": mean, "worst": worst}


def compare():
    for line in sys.stdin:
        pair = json.loads(line)
        try:
            want, got = flat(Image.open(pair["expected"])), flat(Image.open(pair["sent"]))
        except Exception as error:  # one bad file must not hide the others
            print(json.dumps({"error": repr(error)}), flush=True)
            continue
        answer = {"want": want.size, "got": got.size}
        if want.size == got.size:
            answer["sent"] = apart(want, got)
            # What an encoding costs is no fault of the decoder: another encoder is asked for the same.
            answer["other"] = apart(want, Image.open(io.BytesIO(saved(want, format="JPEG", quality=90))))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3:])
    else:
        compare()
