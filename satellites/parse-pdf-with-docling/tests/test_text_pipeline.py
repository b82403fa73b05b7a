"""What the text pipeline makes of PDFs. Run with `python3 -m unittest discover -s tests`, where the requirements are installed."""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import main
from exosphere_satellite.testing import MemoryFiles, Result, run
from write_pdf import PageUnderTest, pdf_of

words = "one line of running text that is as long as its column is wide and"


def read(content: bytes, files: MemoryFiles | None = None, **config: Any) -> Result:
    files = MemoryFiles() if files is None else files
    file = files.write("report.pdf", "application/pdf", content)
    return run(main.run, config={key.replace("_", "-"): value for key, value in config.items()}, input={"file": file}, files=files)


def markdown(*pages: PageUnderTest) -> str:
    result = read(pdf_of(*pages))
    assert result.error is None, result.error
    return result.objects[0]["markdown"]


def _grid(document: dict[str, Any]) -> list[list[str]]:
    (table,) = document["tables"]
    return [[cell["text"] for cell in row] for row in table["data"]["grid"]]


class APage(unittest.TestCase):
    def test_has_headings_paragraphs_and_lists(self):
        page = PageUnderTest()
        page.text(50, 780, "Report", 20).text(50, 750, "Part one", 13)
        page.lines(50, 730, ["A paragraph over", "two lines with a divid-", "ed word 5 \u20ac f\u00fcr alle."])
        page.text(50, 680, "Another one.")
        page.lines(50, 650, ["\u2022 first", "\u2022 second, which", "goes on"])
        page.lines(50, 600, ["1. one, which", "goes on", "2. two", "3. three"])
        expected = (
            "# Report\n\n## Part one\n\nA paragraph over two lines with a divided word 5 \u20ac f\u00fcr alle.\n\nAnother one.\n\n"
            "- first\n- second, which goes on\n1. one, which goes on\n2. two\n3. three"
        )
        self.assertEqual(markdown(page), expected)

    def test_does_not_take_a_number_in_a_sentence_for_a_list(self):
        self.assertEqual(markdown(PageUnderTest().lines(50, 700, ["The sum was", "12. Nobody knew."])), "The sum was 12. Nobody knew.")

    def test_has_tables_with_right_aligned_numbers_empty_cells_and_a_header_over_two_columns(self):
        page = PageUnderTest()
        page.text(150, 700, "Both quarters of").text(300, 700, "Change")
        page.text(50, 685, "Revenue").text(150, 685, "1,234").text(210, 685, "999").text(300, 685, "+5 %")
        page.text(50, 670, "Cost|s").text(160, 670, "12").text(215, 670, "9").text(300, 670, "-1 %")
        page.text(50, 655, "Other").text(305, 655, "0 %")
        document = read(pdf_of(page), output_format="json").objects[0]["document"]
        self.assertEqual(
            _grid(document),
            [
                ["", "Both quarters of", "", "Change"],
                ["Revenue", "1,234", "999", "+5 %"],
                ["Cost|s", "12", "9", "-1 %"],
                ["Other", "", "", "0 %"],
            ],
        )
        self.assertIn("| Revenue | 1,234 | 999 | +5 % |", markdown(page))

    def test_has_the_cells_of_a_grid_as_the_lines_say_also_those_with_several_lines(self):
        page = PageUnderTest()
        for y in (700, 680, 640, 600):
            page.line(50, y, 450, y)
        for x in (50, 150, 300, 450):
            page.line(x, 600, x, 700)
        page.text(55, 686, "Item").text(155, 686, "What it is").text(305, 686, "Price")
        page.text(55, 666, "Screw").lines(155, 666, ["A small thing that", "holds two others"]).text(305, 666, "0.10")
        page.lines(55, 626, ["Nut and", "washer"]).text(305, 614, "0.20")
        page.text(50, 740, "Before.").text(50, 560, "After.")
        document = read(pdf_of(page), output_format="json").objects[0]["document"]
        self.assertEqual(
            _grid(document),
            [
                ["Item", "What it is", "Price"],
                ["Screw", "A small thing that holds two others", "0.10"],
                ["Nut and washer", "", "0.20"],
            ],
        )
        self.assertEqual([text["text"] for text in document["texts"]], ["Before.", "After."])
        self.assertTrue(markdown(page).startswith("Before.\n\n| Item |"))

    def test_has_a_grid_of_boxes(self):
        page = PageUnderTest()
        for row in range(3):
            for column in range(2):
                page.box(50 + 100 * column, 600 - 20 * row, 100, 20).text(55 + 100 * column, 606 - 20 * row, f"{row}/{column}")
        self.assertEqual(markdown(page).splitlines()[2:], ["| 1/0 | 1/1 |", "| 2/0 | 2/1 |"])

    def test_does_not_take_a_frame_or_a_line_for_a_table(self):
        page = PageUnderTest().box(40, 600, 400, 200).line(40, 700, 440, 700)
        page.text(50, 760, "In a frame.").text(50, 660, "Below a line.")
        self.assertEqual(markdown(page), "In a frame.\n\nBelow a line.")

    def test_is_read_column_by_column_below_what_is_as_wide_as_both(self):
        page = PageUnderTest().text(50, 780, "A title that is as wide as the page and more than that", 18)
        page.lines(50, 740, [f"L{number} {words[:44]}" for number in range(9)])
        page.lines(310, 735, [f"R{number} {words[:44]}" for number in range(9)])  # the lines of both do not stand side by side
        text = markdown(page)
        self.assertRegex(text, r"^# A title")
        found = [position for position in (text.find(f"{side}{number} ") for side in "LR" for number in range(9))]
        self.assertEqual(found, sorted(found))
        self.assertNotIn(-1, found)

    def test_keeps_a_table_whole_between_columns_of_text(self):
        page = PageUnderTest()
        page.lines(50, 780, [f"L{number} {words[:44]}" for number in range(8)])
        page.lines(310, 780, [f"R{number} {words[:44]}" for number in range(8)])
        page.text(50, 640, "This line is as wide as the page, so that what is below it comes after both of the columns above it.")
        for row in range(3):
            for column in range(4):
                page.text(50 + 130 * column, 600 - 14 * row, f"c{row}{column}")
        self.assertIn("| c10 | c11 | c12 | c13 |\n| c20 | c21 | c22 | c23 |", markdown(page))

    def test_leaves_out_what_is_hidden_or_runs_upwards(self):
        page = PageUnderTest().text(50, 700, "Seen.").hidden(50, 650, "Hidden.").turned(20, 300, "Upwards.")
        self.assertEqual(markdown(page), "Seen.")

    def test_that_is_turned_is_read_as_it_is_shown(self):
        page = PageUnderTest(rotate=90).turned(100, 100, "First line.").turned(112, 100, "Second line.")
        self.assertEqual(markdown(page), "First line. Second line.")

    def test_keeps_a_superscript_in_its_line(self):
        page = PageUnderTest().text(50, 700, "E = mc").text(84, 704, "2", 6).text(90, 700, "is known.")
        self.assertEqual(len(markdown(page).splitlines()), 1)

    def test_is_not_escaped(self):
        self.assertEqual(markdown(PageUnderTest().text(50, 700, "R&D <cost> of snake_case_names")), "R&D <cost> of snake_case_names")


class ADocument(unittest.TestCase):
    def test_has_its_pages_and_its_title(self):
        result = read(pdf_of(PageUnderTest().text(50, 700, "One."), PageUnderTest().text(50, 700, "Two."), title=" A title "))
        self.assertEqual(result.objects, [{"markdown": "One.\n\nTwo.", "pages": 2, "title": "A title"}])
        self.assertEqual(result.logs[0]["message"], "read 2 pages")

    def test_is_plain_where_no_marks_are_wanted(self):
        page = PageUnderTest().text(50, 750, "Head", 20).text(50, 700, "a").text(150, 700, "b").text(50, 685, "1").text(150, 685, "2")
        page.lines(50, 600, ["\u2022 x", "\u2022 y"])
        self.assertEqual(read(pdf_of(page), output_format="text").objects[0]["markdown"], "Head\n\na\tb\n1\t2\n\nx\n\ny")

    def test_is_a_docling_document_on_request_which_json_holds_exactly(self):
        page = PageUnderTest().text(50, 750, "Head", 20).text(50, 700, "Text.")
        (found,) = read(pdf_of(page), output_format="json").objects
        document = found["document"]
        self.assertEqual(document["schema_name"], "DoclingDocument")
        self.assertEqual([(text["label"], text["text"]) for text in document["texts"]], [("title", "Head"), ("text", "Text.")])
        self.assertEqual(document["texts"][1]["prov"][0]["page_no"], 1)
        self.assertAlmostEqual(document["texts"][1]["prov"][0]["bbox"]["l"], 50, places=1)
        self.assertEqual((document["name"], document["origin"]["filename"]), ("report", "report.pdf"))
        self.assertLess(document["origin"]["binary_hash"], 2**53)
        self.assertEqual(found["markdown"], "# Head\n\nText.")
        json.dumps(document, allow_nan=False)

    def test_has_no_page_numbers_and_running_heads_in_its_text(self):
        pages = [PageUnderTest().text(50, 820, "Secret", 8).text(50, 30, f"Company - {number}", 8) for number in range(1, 5)]
        for number, page in enumerate(pages, 1):
            page.text(50, 700, "Total").text(50, 400, f"Text {number}.")
        (found,) = read(pdf_of(*pages), output_format="json").objects
        self.assertEqual(found["markdown"], "\n\n".join(f"Total\n\nText {number}." for number in range(1, 5)))
        labels = {text["text"]: text["label"] for text in found["document"]["texts"] if text["content_layer"] == "furniture"}
        self.assertEqual({labels["Secret"], labels["Company - 2"]}, {"page_header", "page_footer"})

    def test_hands_on_its_images_on_request_each_of_them_once(self):
        first = PageUnderTest().text(50, 700, "Above.").image(50, 500, 160, 120).text(50, 400, "Below.").image(5, 5, 4, 4, (4, 4))
        second = PageUnderTest().text(50, 700, "Again.").image(50, 500, 160, 120).image(300, 500, 160, 120, grey=5)
        content = pdf_of(first, second)
        files = MemoryFiles()
        result = read(content, files, extract_images=True, output_format="json")
        (found,) = result.objects
        self.assertEqual([image["name"] for image in found["images"]], ["report-1-1.png", "report-2-2.png"])
        for image in found["images"]:
            self.assertEqual(image["content-type"], "image/png")
            self.assertEqual(files.bytes(image)[:8], b"\x89PNG\r\n\x1a\n")
        self.assertRegex(found["markdown"], r"^Above\.\n\n!\[Image\]\(report-1-1\.png\)\n\nBelow\.\n\nAgain\.")
        self.assertEqual(found["document"]["pictures"][0]["image"]["uri"], "report-1-1.png")
        self.assertNotIn("base64", json.dumps(found))
        without = read(content).objects[0]
        self.assertNotIn("images", without)
        self.assertEqual(without["markdown"], "Above.\n\nBelow.\n\nAgain.")


class AFailure(unittest.TestCase):
    def error(self, content: bytes, **config: Any) -> dict[str, Any]:
        result = read(content, **config)
        self.assertEqual(result.objects, [])
        self.assertIs((result.error or {})["retryable"], False)
        return result.error or {}

    def test_names_a_file_that_is_no_pdf(self):
        whole = pdf_of(PageUnderTest().text(50, 700, "Text."))
        for content in (b"hello, this is no PDF", b"", whole[:300]):
            error = self.error(content)
            self.assertEqual(error["code"], "pdf-invalid")
            self.assertIn("'report.pdf' is no PDF that can be read", error["message"])

    def test_says_that_a_file_has_no_text(self):
        error = self.error(pdf_of(PageUnderTest(), PageUnderTest().image(50, 500, 160, 120)))
        self.assertEqual(error["code"], "pdf-without-text")
        self.assertIn("2 pages", error["message"])

    def test_says_that_a_file_is_too_large(self):
        file = {"file": f"sha256:{'0' * 64}", "name": "huge.pdf", "size": 2 << 30, "content-type": "application/pdf"}
        self.assertEqual((run(main.run, input={"file": file}).error or {})["code"], "pdf-too-large")

    def test_says_what_the_full_pipeline_needs(self):
        error = self.error(pdf_of(PageUnderTest().text(50, 700, "Text.")), pipeline="full")
        self.assertEqual(error["code"], "pipeline-missing")
        self.assertIn("PIPELINES=full", error["message"])


class ALongDocument(unittest.TestCase):
    def test_is_read_in_seconds_and_in_little_memory(self):
        import resource

        lines = [f"{number} {words}" for number in range(25)]
        pages = [PageUnderTest().image(300, 50, 100, 100, (400, 400)) for _ in range(200)]
        for number, page in enumerate(pages):
            page.lines(50, 780, [f"{number} {line}" for line in lines])
        content = pdf_of(*pages)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = read(content, extract_images=True)
        self.assertEqual(result.objects[0]["pages"], 200)
        self.assertIn(f"199 24 {words}", result.objects[0]["markdown"])
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        self.assertLess(grown, 600 * 1024, f"{grown >> 10} MiB")


if __name__ == "__main__":
    unittest.main()
