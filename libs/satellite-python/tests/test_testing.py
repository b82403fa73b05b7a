"""What `exosphere_satellite.testing` promises to the author of a satellite. Run with `python3 -m unittest`."""

import asyncio
import io
import tempfile
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path

from exosphere_satellite import Failure, satellite
from exosphere_satellite.testing import MemoryFiles, run


@satellite
def greet(request, context):
    """Greets."""
    context.log.info("greeting", name=request.input["name"])
    context.metrics(letters=len(request.input["name"]))
    return [{"text": f"{request.config['greeting']}, {request.input['name']}!"}]


class ASatelliteUnderTest(unittest.TestCase):
    def test_gives_its_objects_with_logs_and_metrics_beside_them(self):
        result = run(greet, config={"greeting": "Hello"}, input={"name": "Ada"})
        self.assertIsNone(result.error)
        self.assertEqual(result.objects, [{"text": "Hello, Ada!"}])
        self.assertEqual(result.logs, [{"level": "info", "message": "greeting", "fields": {"name": "Ada"}}])
        self.assertEqual(result.metrics, {"letters": 3})
        self.assertEqual(greet.__doc__, "Greets.")

    def test_reads_the_item_where_the_step_has_no_input(self):
        self.assertEqual(run(lambda request, _: [{"input": request.input}], item={"a": 1}).objects, [{"input": {"a": 1}}])

    def test_fails_with_the_code_that_it_chose(self):
        def failing(request, context):
            raise Failure("Slow down.", code="rate-limited", retry_after=0.5)

        error = {"message": "Slow down.", "code": "rate-limited", "retryable": True, "retry-after": 500}
        self.assertEqual(run(failing).error, error)

    def test_fails_with_satellite_error_for_anything_else(self):
        self.assertEqual(
            run(lambda *_: 1 / 0).error, {"message": "ZeroDivisionError: division by zero", "code": "satellite-error", "retryable": True}
        )

    def test_must_return_what_json_has(self):
        for wrong in [["text"], {"a": 1}, [{"at": datetime.now(timezone.utc)}], [{"x": float("nan")}], 5]:
            error = run(lambda *_, wrong=wrong: wrong).error or {}
            self.assertEqual(error.get("code"), "output-invalid", wrong)

    def test_emits_before_it_returns(self):
        emitted = []

        def emitting(request, context):
            context.emit([{"n": 1}])
            self.assertEqual(emitted, [[{"n": 1}]])
            return [{"n": 2}]

        self.assertEqual(run(emitting, on_emit=emitted.append).objects, [{"n": 1}, {"n": 2}])

    def test_may_be_a_coroutine(self):
        async def asynchronous(request, context):
            await asyncio.sleep(0)
            return [{"attempt": context.attempt, "count": context.resume.count}]

        self.assertEqual(run(asynchronous, attempt=2, resume={"count": 3}).objects, [{"attempt": 2, "count": 3}])

    def test_is_stopped_at_its_time_limit(self):
        seen = []

        def hanging(request, context):
            seen.append(context.cancelled.wait(20))

        self.assertEqual((run(hanging, timeout=0.05).error or {}).get("code"), "timeout")
        until = time.monotonic() + 10
        while not seen and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(seen, [True])

    def test_knows_the_endpoints_of_an_environment(self):
        endpoints = {"s3": "http://a/", "https://api.example.com/v1": "http://b", "https://api.example.com": "http://c"}

        def where(request, context):
            return [{url: context.url(url)} for url in request.config["urls"]] + [{"s3": context.endpoint("s3", "x")}]

        urls = {
            "https://api.example.com/v1/x": "http://b/x",
            "https://api.example.com/v10": "http://c/v10",
            "https://api.example.com?q": "http://c?q",
            "https://api.example.com.evil.test/": "https://api.example.com.evil.test/",
        }
        expected = [{url: there} for url, there in urls.items()] + [{"s3": "http://a"}]
        self.assertEqual(run(where, config={"urls": list(urls)}, endpoints=endpoints).objects, expected)

    def test_does_not_show_secrets_in_its_request(self):
        self.assertNotIn("hidden", run(lambda request, _: [{"text": repr(request)}], secrets={"KEY": "hidden"}).objects[0]["text"])


class Files(unittest.TestCase):
    def test_are_read_and_written_by_digest(self):
        files = MemoryFiles()
        file = files.write("a.txt", "text/plain", "hello")
        self.assertEqual(file["file"], "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")

        def upper(request, context):
            return [context.files.write("b.txt", "text/plain", context.files.text(request.input).upper())]

        (written,) = run(upper, input=file, files=files).objects
        self.assertEqual(files.text(written), "HELLO")

    def test_are_written_from_all_kinds_of_content(self):
        files = MemoryFiles()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a")
            path.write_bytes(b"hello")
            contents = ["hello", b"hello", bytearray(b"hello"), memoryview(b"hello"), path, io.BytesIO(b"hello"), iter([b"he", b"llo"])]
            self.assertEqual({files.write("a", "text/plain", content)["size"] for content in contents}, {5})
        self.assertEqual(len(files), 1)

    def test_that_are_missing_fail(self):
        missing = {"file": f"sha256:{'0' * 64}"}
        error = run(lambda request, context: [{"text": context.files.text(request.input)}], input=missing).error or {}
        self.assertEqual(error.get("code"), "blob-missing")


if __name__ == "__main__":
    unittest.main()
