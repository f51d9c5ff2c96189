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
