"""How calls are made: connection, key, TLS, deadline, errors and repetitions."""

import os
import subprocess
import sys
import time

from world import ADDRESS, CA, EARPHONES, KEY, OTHER_CA, SLOW_KEY, STOPPED_KEY, TLS_ADDRESS, Attempts, Behaviour, words

from zhaohuo import (
    Client,
    ConnectionLostError,
    DeadlineError,
    InvalidRequestError,
    LimitError,
    NotAllowedError,
    NotFoundError,
    environment,
    is_sandbox,
    v1,
)


class Connecting(Behaviour):
    def test_b01_connects_from_the_environment(self) -> None:
        with Client.from_environment(timeout=120.0) as client:
            self.assertEqual(len(client.search.keyword_search(words(page_size=3)).products), 3)

    def test_b01_names_a_wrong_variable(self) -> None:
        for name, value in (
            ("ZHAOHUO_GRPC_ADDR", "http://127.0.0.1:8080"),
            ("ZHAOHUO_GRPC_ADDR", "127.0.0.1:0"),
            ("ZHAOHUO_GRPC_ADDR", "127.0.0.1:port"),
            ("ZHAOHUO_API_KEY", "two words"),
            ("ZHAOHUO_TLS", "perhaps"),
            ("ZHAOHUO_CERT", "cert.pem"),
        ):
            with self.subTest(name=name, value=value), self.assertRaisesRegex(ValueError, name):
                environment.read({name: value})

    def test_b01_completes_addresses(self) -> None:
        for address, want in {
            "shop": "shop:9090",
            "shop:1": "shop:1",
            "shop:": "shop:9090",
            "0.0.0.0:7": "127.0.0.1:7",
            ":7": "127.0.0.1:7",
            "[::]:7": "127.0.0.1:7",
            "::1": "[::1]:9090",
            "[::1]": "[::1]:9090",
            "[::1]:7": "[::1]:7",
            "dns:///shop:7": "dns:///shop:7",
        }.items():
            with self.subTest(address=address):
                self.assertEqual(environment.dialable(address), want)

    def test_b01_reads_every_variable(self) -> None:
        read = environment.read({
            "ZHAOHUO_GRPC_ADDR": "shop", "ZHAOHUO_API_KEY": "k", "ZHAOHUO_TLS": "On",
            "ZHAOHUO_CA": "a", "ZHAOHUO_CERT": "c", "ZHAOHUO_CERT_KEY": "d",
        })
        want = {"address": "shop:9090", "key": "k", "tls": True, "ca": "a", "cert": "c", "cert_key": "d"}
        self.assertEqual(read, want)
        self.assertEqual(environment.read({"ZHAOHUO_TLS": "0", "ZHAOHUO_GRPC_ADDR": ""}), {})

    def test_b02_sends_the_key(self) -> None:
        self.assertTrue(self.keyed().search.keyword_search(words(page_size=1)).products)
        with self.assertRaises(NotAllowedError) as caught:
            self.keyed(None).search.keyword_search(words())
        self.assertEqual(caught.exception.code, "UNAUTHENTICATED")
        self.assertEqual(caught.exception.reason, "CALLER_UNAUTHENTICATED")

    def test_b02_refuses_a_key_that_cannot_be(self) -> None:
        with self.assertRaises(ValueError) as caught:
            Client(TLS_ADDRESS, key="secret\nword", ca=CA)
        self.assertNotIn("secret", str(caught.exception))

    def test_b02_never_shows_the_key(self) -> None:
        with self.assertRaises(NotAllowedError) as caught:
            self.keyed("wrong-key-of-nobody").search.keyword_search(words())
        shown = str(caught.exception) + repr(caught.exception) + repr(caught.exception.__cause__)
        self.assertNotIn("wrong-key-of-nobody", shown)

    def test_b03_verifies_tls(self) -> None:
        self.assertTrue(self.keyed().search.keyword_search(words(page_size=1)).products)
        for client in (self.client(TLS_ADDRESS, key=KEY, ca=OTHER_CA), self.client(TLS_ADDRESS), self.client(ADDRESS, ca=CA)):
            with self.assertRaises(ConnectionLostError) as caught:
                client.search.keyword_search(words())
            self.assertEqual((caught.exception.code, caught.exception.reason), ("UNAVAILABLE", ""))

    def test_b04_keeps_the_deadline(self) -> None:
        began = time.monotonic()
        with self.assertRaises(DeadlineError) as caught:
            self.client().search.keyword_search(words("sandbox:hang 耳机"), timeout=0.5)
        self.assertEqual(caught.exception.code, "DEADLINE_EXCEEDED")
        self.assertGreaterEqual(time.monotonic() - began, 0.5)

    def test_b19_ends(self) -> None:
        client = self.client()
        with client:
            client.server_info()
        with self.assertRaises(ValueError):
            client.server_info()

    def test_b19_lets_the_process_end(self) -> None:
        program = (
            "from zhaohuo import Client, v1\n"
            "client = Client.from_environment(timeout=120.0)\n"
            "answer = client.search.keyword_search(v1.KeywordSearchRequest(keyword='耳机', page_size=1))\n"
            "events = client.events()\n"
            "print(len(answer.products))\n"
        )
        done = subprocess.run([sys.executable, "-c", program], env=os.environ, capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1\n", ""))


class Errors(Behaviour):
    def test_b05_gives_the_details_of_errors(self) -> None:
        with self.assertRaises(InvalidRequestError) as caught:
            self.client().search.keyword_search(words(page_size=-1))
        error = caught.exception
        self.assertEqual((error.code, error.reason, error.retry_after), ("INVALID_ARGUMENT", "INVALID_FIELD", None))
        self.assertEqual([field.field for field in error.fields], ["page_size"])
        self.assertTrue(error.fields[0].description)
        self.assertTrue(error.request_id)
        self.assertIn("INVALID_FIELD page_size: " + error.message, str(error))

    def test_b05_gives_the_subject(self) -> None:
        with self.assertRaises(NotFoundError) as caught:
            self.client().product.get_product(v1.GetProductRequest(id="123456789"))
        self.assertEqual((caught.exception.reason, caught.exception.subject), ("PRODUCT_NOT_FOUND", "123456789"))

    def test_b06_speaks_the_callers_language(self) -> None:
        errors = {}
        for language in ("en", "zh-CN"):
            with self.assertRaises(InvalidRequestError) as caught:
                self.client(language=language).search.keyword_search(words(page_size=-1))
            errors[language] = caught.exception
        self.assertRegex(errors["zh-CN"].message, "[\u4e00-\u9fff]")
        self.assertRegex(errors["zh-CN"].fields[0].description, "[\u4e00-\u9fff]")
        self.assertRegex(errors["en"].message, "^[ -~]+$")
        self.assertEqual(errors["zh-CN"].detail, errors["en"].detail)


class Repeating(Behaviour):
    def test_b07_repeats_when_the_server_says_so(self) -> None:
        client = self.keyed(SLOW_KEY, attempts=20)
        for _ in range(3):
            self.assertTrue(client.search.keyword_search(words(page_size=1)).products)

    def test_b08_repeats_within_the_deadline_only(self) -> None:
        client = self.keyed(STOPPED_KEY)
        began = time.monotonic()
        with self.assertRaises(LimitError) as caught:
            for _ in range(2):
                client.search.keyword_search(words(page_size=1), timeout=50.0)
        self.assertEqual((caught.exception.code, caught.exception.reason), ("RESOURCE_EXHAUSTED", "CALLER_RATE_LIMITED"))
        assert caught.exception.retry_after is not None
        self.assertGreater(caught.exception.retry_after, 50.0)
        self.assertLess(time.monotonic() - began, 50.0)

    def test_b09_makes_no_more_attempts_than_allowed(self) -> None:
        client = self.keyed(SLOW_KEY, attempts=1)
        with self.assertRaises(LimitError):
            for _ in range(100):
                client.search.keyword_search(words(page_size=1))

    def test_b09_repeats_nothing_else(self) -> None:
        attempts = Attempts()
        client = self.client(interceptors=[attempts])
        with self.assertRaises(InvalidRequestError):
            client.search.keyword_search(words(page_size=-1))
        self.assertEqual(attempts.methods, ["/zhaohuo.v1.SearchService/KeywordSearch"])


class Contract(Behaviour):
    def test_b17_refuses_unknown_fields(self) -> None:
        with self.assertRaisesRegex(ValueError, "pageSize"):
            v1.KeywordSearchRequest(keyword="耳机", pageSize=5)
        with self.assertRaises(AttributeError):
            words().pageSize = 5
        self.assertEqual(len(self.client().search.keyword_search(words(page_size=5)).products), 5)

    def test_b18_shows_the_mark_of_the_sandbox(self) -> None:
        client = self.client()
        self.assertTrue(is_sandbox(client.search.keyword_search(words(page_size=1))))
        self.assertTrue(is_sandbox(client.combo.compare_prices(v1.ComparePricesRequest(keyword="蓝牙耳机"))))
        self.assertFalse(is_sandbox(v1.KeywordSearchResponse(meta=v1.AnswerMeta(source=v1.ANSWER_SOURCE_LIVE))))
        self.assertEqual(client.server_info().mode, v1.SERVER_MODE_SANDBOX)
        with self.assertRaises(TypeError):
            is_sandbox(client.server_info())
        self.assertIn(EARPHONES, [product.id for product in client.products(words("骨传导 超低延迟 蓝牙耳机", page_size=50))])
