"""Pages, photos, batches and events."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

from world import (
    CUT_ADDRESS,
    EARPHONES,
    LARGE_PHOTO,
    MOVING_ADDRESS,
    MOVING_CUT_ADDRESS,
    PHOTO,
    Attempts,
    Behaviour,
    cut,
    words,
)

from zhaohuo import Batch, Client, NotAllowedError, PreconditionError, error_of, images, v1


class Pages(Behaviour):
    def test_b10_goes_over_all_pages(self) -> None:
        client = self.client()
        one_by_one: list[str] = []
        page = 1
        while page:
            answer = client.search.keyword_search(words(page=page, page_size=20))
            one_by_one += [product.id for product in answer.products]
            page = answer.next_page
        found = [product.id for product in client.products(words(page_size=20))]
        self.assertEqual(found, list(dict.fromkeys(one_by_one)))
        self.assertGreater(len(found), 40)
        self.assertEqual([p.id for p in client.products(words(page_size=20), limit=30)], found[:30])
        self.assertEqual([answer.page for answer in client.pages(words(page=2, page_size=20))][:2], [2, 3])

    def test_b10_sends_an_image_once(self) -> None:
        client = self.client()
        request = v1.ImageSearchRequest(image=v1.ImageSource(content=Path(PHOTO).read_bytes()), page_size=20)
        found = [product.id for product in client.products(request, limit=45)]
        self.assertEqual((len(found), found[0]), (45, EARPHONES))
        self.assertTrue(request.image.content)

    def test_b10_refuses_what_has_no_pages(self) -> None:
        client = self.client()
        for request in (v1.GetServerInfoRequest(), v1.StreamKeywordSearchRequest(keyword="耳机"), "耳机"):
            with self.assertRaises(TypeError):
                client.pages(request)
        with self.assertRaises(TypeError):
            client.products(v1.ListPriceWatchesRequest())


class Photos(Behaviour):
    def test_b11_uploads_a_file(self) -> None:
        client = self.client()
        for photo in (PHOTO, Path(PHOTO), Path(PHOTO).read_bytes()):
            answer = client.upload(photo, v1.ImageSearchOptions(page_size=3))
            self.assertEqual((answer.products[0].id, len(answer.products)), (EARPHONES, 3))
            self.assertTrue(answer.image_id)

    def test_b12_uploads_a_stream(self) -> None:
        client = self.client()
        content = Path(LARGE_PHOTO).read_bytes()
        self.assertGreater(len(content), 3 << 20)
        source = Counted(content)
        self.assertEqual(client.upload(source).products[0].id, EARPHONES)
        self.assertLessEqual(source.largest, 1 << 20)
        self.assertEqual(client.upload(content[i : i + 2_000_000] for i in range(0, len(content), 2_000_000)).products[0].id, EARPHONES)

    def test_b12_cuts_pieces_that_are_too_large(self) -> None:
        for source in (bytes(3 << 20), [bytes(5), bytes(2 << 20)], bytearray(70_000), memoryview(bytes(70_000))):
            pieces = list(images.chunks(source))
            self.assertLessEqual(max(map(len, pieces)), 1 << 20)
            self.assertGreater(min(map(len, pieces)), 0)
            self.assertEqual(sum(map(len, pieces)), sum(map(len, source)) if isinstance(source, list) else len(source))

    def test_b12_raises_what_reading_raises(self) -> None:
        with self.assertRaisesRegex(OSError, "disk on fire"):
            self.client().upload(broken())
        with self.assertRaises(FileNotFoundError):
            self.client().upload("no such photo.jpg")


class Counted(io.BytesIO):
    """A source whose size nobody asks for."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece


def broken() -> Iterator[bytes]:
    yield Path(PHOTO).read_bytes()[:1000]
    raise OSError("disk on fire")


def keywords() -> v1.BatchKeywordSearchRequest:
    kinds = ("蓝牙耳机", "手机壳", "保温杯", "数据线", "台灯", "充电宝")
    words = ("", " 新款", " 批发", " 跨境", " 定制", " 现货", " 黑色", " 白色", " 大容量", " 学生")
    return v1.BatchKeywordSearchRequest(keywords=[kind + word for kind in kinds for word in words], page_size=5)


def results(batch: Batch) -> dict[str, list[str]]:
    """Return the ids of each keyword. A keyword may come once only."""
    found: dict[str, list[str]] = {}
    for result in batch:
        assert result.keyword not in found, result.keyword
        assert result.HasField("response"), result.error
        found[result.keyword] = [product.id for product in result.response.products]
    return found


class Batches(Behaviour):
    def test_b13_resumes_a_batch(self) -> None:
        want = results(self.client().batch(keywords()))
        self.assertEqual(len(want), 60)
        self.assertGreater(sum(map(len, want.values())), 150)
        attempts = Attempts()
        client = self.client(CUT_ADDRESS, interceptors=[attempts])
        client.server_info()  # The connection is there.
        cut(after=20_000)
        batch = client.batch(keywords())
        self.assertEqual(results(batch), want)
        assert batch.progress is not None
        self.assertEqual((batch.progress.done, batch.progress.total, batch.progress.failed), (60, 60, 0))
        self.assertEqual(attempts.methods.count("/zhaohuo.v1.SearchService/BatchKeywordSearch"), 2)

    def test_b13_resumes_a_batch_that_is_cut_often(self) -> None:
        client = self.client(CUT_ADDRESS)
        batch = client.batch(keywords())
        found = []
        for result in batch:
            found.append(result.keyword)
            if len(found) in (5, 20, 40):
                cut()
        self.assertEqual(sorted(found), sorted(keywords().keywords))

    def test_b14_failures_are_items(self) -> None:
        request = v1.BatchKeywordSearchRequest(keywords=["耳机", "sandbox:no-permission 耳机", "手机壳"])
        outcomes = {result.keyword: result for result in self.client().batch(request)}
        self.assertEqual(len(outcomes), 3)
        failed = outcomes.pop(request.keywords[1])
        error = error_of(failed.error)
        self.assertIsInstance(error, PreconditionError)
        self.assertEqual(error.reason, "UPSTREAM_PERMISSION_DENIED")
        self.assertTrue(all(result.response.products for result in outcomes.values()))

    def test_b13_raises_what_cannot_pass(self) -> None:
        with self.assertRaises(NotAllowedError):
            next(self.keyed(None).batch(keywords()))

    def test_b16_a_program_resumes_a_batch_itself(self) -> None:
        request = keywords()
        first = self.client().batch(request)
        begun = [next(first).keyword for _ in range(7)]
        request.resume_token = first.resume_token
        first.close()
        self.assertEqual(list(first), [])
        rest = [result.keyword for result in self.client().batch(request)]
        self.assertEqual(sorted(begun + rest), sorted(request.keywords))


def watch(client: Client) -> str:
    """Begin to watch goods whose prices move."""
    found = client.search.keyword_search(words(page_size=10))
    made = client.price_watch.create_price_watch(
        v1.CreatePriceWatchRequest(
            price_watch=v1.PriceWatch(
                products=v1.WatchedProducts(ids=[product.id for product in found.products]),
                interval={"seconds": 1},
                conditions=[
                    v1.PriceCondition(kind=v1.PRICE_EVENT_KIND_PRICE_FELL),
                    v1.PriceCondition(kind=v1.PRICE_EVENT_KIND_PRICE_ROSE),
                ],
            )
        )
    )
    return made.price_watch.id


class PriceEvents(Behaviour):
    def test_b15_goes_on_with_events(self) -> None:
        direct = self.client(MOVING_ADDRESS)
        watch_id = watch(direct)
        attempts = Attempts()
        with self.client(MOVING_CUT_ADDRESS, interceptors=[attempts]).events(watch_id, after="0") as events:
            got = [next(events).id]
            for n in (2, 3, 5, 8, 13):
                cut()
                while len(got) < n:
                    got.append(next(events).id)
        kept = [e.id for page in direct.pages(v1.ListPriceEventsRequest(watch_id=watch_id, page_size=5)) for e in page.events]
        self.assertEqual(got, kept[: len(got)])
        self.assertGreater(len(attempts.methods), 1)

    def test_b16_a_program_goes_on_with_events_itself(self) -> None:
        direct = self.client(MOVING_ADDRESS)
        watch_id = watch(direct)
        with self.client(MOVING_ADDRESS).events(watch_id, after="0") as events:
            got = [next(events).id, next(events).id]
            after = events.after_event_id
        with self.client(MOVING_ADDRESS).events(watch_id, after=after) as events:
            got += [next(events).id, next(events).id]
        kept = [event.id for page in direct.pages(v1.ListPriceEventsRequest(watch_id=watch_id)) for event in page.events]
        self.assertEqual(got, kept[:4])

    def test_b19_ends_a_stream_that_waits(self) -> None:
        events = self.client().events()
        threading.Timer(0.2, events.close).start()
        self.assertEqual(list(events), [])
