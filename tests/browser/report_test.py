#!/usr/bin/env python3
"""Looks at the HTML report as a reader's browser does: headless Chromium, light and dark, phone and desk.

What is held to be true of every document: nothing on the console, no request but for the file itself, every
chart drawn, every number equal to the JSON that its pointer names, no sideways scrolling, readable contrast.
"""

import argparse
import copy
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest

import browser

SKIPPED = 77  # tests/browser/CMakeLists.txt
HERE = os.path.dirname(os.path.abspath(__file__))
LOOKS = [(width, dark) for width in (390, 1400) for dark in (False, True)]
FACTORS = {"ns": 1e-3, "µs": 1, "ms": 1e3, "s": 1e6, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "%": 0.01, "": 1}

# Every number that the page shows, as the page says where it is from.
FIGURES = "[...document.querySelectorAll('data[data-path]')].map((d) => [d.dataset.path, d.value, d.textContent])"

# Share of each canvas's pixels that are painted, and how many colours there are.
CANVASES = """[...document.querySelectorAll('canvas')].map((canvas) => {
  const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height}).getContext('2d', {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  const painted = pixels.filter((pixel) => pixel >>> 24 > 0);
  return [canvas.getAttribute('aria-label'), painted.length / pixels.length, new Set(painted).size];
})"""

# Texts whose contrast against what lies behind them is under WCAG AA's 4.5.
FAINT = """(() => {
  const channels = (color) => {
    const found = color.match(/[\\d.]+/g).map(Number);
    return color.startsWith('color(srgb') ? [...found.slice(0, 3).map((c) => c * 255), found[3] ?? 1] : [...found.slice(0, 3), found[3] ?? 1];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (color) => color.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility() && !node.closest('.unseen, .skip') && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
      .map((node) => {
        const back = behind(node), [a, b] = [light(over(channels(getComputedStyle(node).color), back)), light(back)];
        return [node.tagName, node.className, node.textContent.slice(0, 30), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
      }).filter(([, , , ratio]) => ratio < 4.5);
})()"""


def at(document, pointer):
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def reading(text):
    """The number that a person reads out of the text, and half of its last digit."""
    match = re.fullmatch(r"(-?[\d.]+)(?:e([+-]?\d+))?\s*(\S*)", text.replace("×", ""))
    digits, exponent, unit = match.group(1), int(match.group(2) or 0), match.group(3)
    factor = FACTORS[unit] * 10**exponent
    decimals = len(digits.partition(".")[2])
    # Short forms keep four significant digits; what is whole may have been rounded to them as well.
    return float(digits) * factor, 0.51 * 10**-decimals * factor


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(HERE, "sample.json"), encoding="utf-8") as file:
            cls.sample = json.load(file)
        cls.folder = tempfile.TemporaryDirectory(prefix="edgescope-report-")
        cls.browser = browser.Browser(browser.find())

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def render(self, document):
        path = os.path.join(self.folder.name, f"{self.id()}.html")
        page = subprocess.run([ARGUMENTS.render], input=json.dumps(document).encode(), stdout=subprocess.PIPE, check=True).stdout
        with open(path, "wb") as file:
            file.write(page)
        return path

    def open(self, path, width=1400, dark=False):
        page = self.browser.page(f"file://{path}", width, dark=dark)
        self.addCleanup(page.close)
        return page

    def hold(self, path, document, look):
        """What is true of every report."""
        self.assertLess(os.path.getsize(path), 1_500_000)
        page = self.open(path, *look)
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.requests(), [f"file://{path}"])
        charts = int(page.run("document.documentElement.dataset.ready"))
        canvases = page.run(CANVASES)
        self.assertEqual(len(canvases), charts)
        for label, painted, colors in canvases:
            self.assertGreater(painted, 0.01, label)
            self.assertGreater(colors, 8, label)
        self.assertLessEqual(page.run("document.documentElement.scrollWidth"), look[0], "the page scrolls sideways")
        for pointer, raw, shown in page.run(FIGURES):
            truth = at(document, pointer)
            self.assertEqual(float(raw), truth, pointer)
            number, rounding = reading(shown)
            self.assertTrue(math.isclose(number, truth, rel_tol=6e-4, abs_tol=rounding), f"{pointer}: {shown} for {truth}")
        self.assertEqual(page.run(FAINT), [])
        return page

    def test_sample_in_every_look(self):
        path = self.render(self.sample)
        for look in LOOKS:
            with self.subTest(look=look):
                page = self.hold(path, self.sample, look)
                self.assertGreater(int(page.run("document.documentElement.dataset.ready")), 4)
                self.assertGreater(len(page.run(FIGURES)), 120)
                text = page.run("document.body.innerText")
                self.assertIn(self.sample["summary"]["headline"], text)
                for run in self.sample["runs"]:
                    self.assertIn(run["on"], text)
                    if run["reason"]:
                        self.assertIn(run["reason"].replace("`", ""), text)
                for finding in self.sample["findings"]:
                    self.assertIn(finding["remedy"].replace("`", ""), text)

    def test_a_forest_in_every_look(self):
        with open(os.path.join(HERE, "forest.json"), encoding="utf-8") as file:
            document = json.load(file)
        path = self.render(document)
        for look in LOOKS:
            with self.subTest(look=look):
                page = self.hold(path, document, look)
                self.assertEqual(int(page.run("document.documentElement.dataset.ready")), 3, "one chart a batch, and the leaves")
                text = page.run("document.body.innerText")
                self.assertIn(document["summary"]["headline"].replace("`", ""), text)
                self.assertEqual(page.run("document.querySelectorAll('#programs tbody tr').length"), len(document["programs"]))
                for program in document["programs"]:
                    if not program["runs"]:
                        self.assertIn(program["reason"], page.run("document.querySelector('#programs tbody').textContent"))
                chosen = page.run("[...document.querySelectorAll('#files tr.chosen code')].map((c) => c.textContent)")
                self.assertEqual(chosen, [v["file"] or v["command"] for v in document["verdicts"]])
                for peer in document["peers"]:
                    self.assertIn(peer["name"], text)

    def test_the_six_plans_of_the_notebook(self):
        with open(os.path.join(HERE, "sweeps.json"), encoding="utf-8") as file:
            plans = json.load(file)
        self.assertEqual(list(plans), [f"notebook/{name}" for name in ("batch", "variance", "ops", "parity", "size", "ptt")])
        charts = {"notebook/parity": 0, "notebook/size": 2}
        for name, document in plans.items():
            path = self.render(document)
            for look in LOOKS:
                with self.subTest(plan=name, look=look):
                    page = self.hold(path, document, look)
                    self.assertEqual(int(page.run("document.documentElement.dataset.ready")), charts.get(name, 1))
                    # The answer comes first, in words; then all that was found.
                    self.assertEqual(page.run("document.querySelector('h1').textContent"), document["answers"][0]["headline"])
                    text = page.run("document.body.textContent")
                    for answer in document["answers"]:
                        for sentence in re.split(r"(?<=\.) (?=\S)", answer["conclusion"]):
                            self.assertIn(sentence, text)
                    for point in document["points"]:
                        if point["failure"]:
                            self.assertIn(point["failure"], text)
                        if "rests_on" in point:
                            self.assertIn(point["rests_on"], text)
                    shown = sum(min(len(answer["rows"]), 100) for answer in document["answers"]) + len([p for p in document["points"] if "basis" in p or p["failure"]])
                    self.assertEqual(page.run("document.querySelectorAll('section:not(#environment) tbody tr').length"), shown)
        # What is predicted and what is measured can be told apart, and each device be looked at.
        page = self.open(self.render(plans["notebook/ptt"]))
        marks = page.run("[...new Set([...document.querySelectorAll('#answer0 td .basis')].map((b) => b.textContent))]")
        self.assertEqual(sorted(marks), ["measured", "predicted", "published"])
        devices = page.run("[...document.querySelectorAll('#answer0 select option')].map((o) => o.value)")
        self.assertEqual(devices, list(dict.fromkeys(row["device"] for row in plans["notebook/ptt"]["answers"][0]["rows"])))
        seen = [page.run(CANVASES)]
        for device in devices[1:]:
            page.run(f"(() => {{ const s = document.querySelector('#answer0 select'); s.value = {json.dumps(device)}; s.dispatchEvent(new Event('change')); }})()")
            seen.append(page.run(CANVASES))
            self.assertNotEqual(seen[-1], seen[-2], device)
        self.assertEqual(page.complaints(), [])

    def test_what_to_fix(self):
        document = copy.deepcopy(self.sample)
        proof = {"on": "litert 2.3.0", "rows": 64, "values": 640, "different": 0, "max_difference": 0, "max_relative": 0}
        before = {"verdict": "fails", "not_mapped": 3, "misreported": 0, "transitions": 4, "boundary_bytes": 5000, "streamed_bytes": None, "operators": 9}
        document["fixes"] = [
            {"target": "edgetpu", "whole": False, "rewrites": [], "left_out": [], "conversion": None, "proof": None, "vendor": None, "predicted_us": None, "file": None, "route": "Quantise `it`."},
            {"target": "ncs2", "whole": True, "conversion": None, "proof": proof, "vendor": {"verdict": "compiles", "failure": None}, "predicted_us": [1000.0, 2000.0],
             "file": "fixed/x.xml", "route": None, "left_out": [{"id": "sandwich", "reason": "it does not pay"}],
             "rewrites": [{"id": "comparison", "about": "a <= b becomes Select", "where": ["one", "two", "three", "four"], "equivalence": "exact",
                           "before": before, "after": dict(before, not_mapped=1, transitions=2), "proof": dict(proof, different=2, max_relative=0.001)}]}]
        path = self.render(document)
        for look in LOOKS:
            with self.subTest(look=look):
                page = self.hold(path, document, look)
                text = page.run("document.getElementById('fixes').innerText")
                for said in ("does not take all of it", "Quantise it.", "takes all of it, fixed", "fixed/x.xml", "operators refused 3 → 1", "one, two, three and 1 more", "2 differ of 640 values"):
                    self.assertIn(said, text)
        self.assertIsNone(self.open(self.render(self.sample)).run("document.querySelector('#fixes')"))

    def test_the_tiles_are_drawn_as_the_records_say(self):
        # One bar a tile; a piece for each block and tile, where its rows are.
        pieces = """[...document.querySelectorAll('%s .tiles svg')].map((bar) =>
            [...bar.querySelectorAll('rect')].map((r) => [r.getAttribute('x'), r.getAttribute('width'), getComputedStyle(r).fill]))"""
        path = self.render(self.sample)
        colors = []
        for look in LOOKS:
            with self.subTest(look=look):
                page = self.open(path, *look)
                for section, layers in (("#check-edgetpu", self.sample["check"][0]["memory"]["layers"]), ("#tiles", self.sample["edgetpu"]["executables"])):
                    bars = page.run(pieces % section)
                    self.assertEqual(len(bars), 16)
                    for tile, bar in enumerate(bars):
                        blocks = [b for layer in layers for b in layer.get("placement", []) if tile in b["tiles"]]
                        self.assertEqual([[float(x), float(w)] for x, w, _ in bar], [[b["row"], b["rows"]] for b in blocks])
                first, second = page.run(pieces % "#check-edgetpu")[0]
                self.assertNotEqual(first[2], second[2], "two layers in one colour")
                colors.append(first[2])
                width = page.run("document.querySelector('#check-edgetpu .tiles svg').getBoundingClientRect().width")
                self.assertGreater(width, 0.5 * look[0] if look[0] < 600 else 600)
        self.assertEqual(len(set(colors)), 2, "light and dark have colours of their own")

    def test_what_a_device_will_make_of_it(self):
        page = self.open(self.render(self.sample))
        text = page.run("document.getElementById('check-edgetpu').innerText")
        for said in ("Compiles: 1 operators on the device, 1 on the CPU", "unsupported data type", "ARG_MAX", "`late`".strip("`"), "edgetpu-tiles-full"):
            self.assertIn(said, text)
        failing = copy.deepcopy(self.sample)
        failing["check"][0]["verdict"] = "fails"
        failing["check"][0]["failure"] = {"reason": "it has the dynamic shape ?x8", "remedy": "fix every dimension"}
        failing["check"][0]["prediction"] = None
        page = self.hold(self.render(failing), failing, (390, True))
        text = page.run("document.getElementById('check-edgetpu').innerText")
        self.assertIn("Does not compile: it has the dynamic shape ?x8", text)
        self.assertIn("fix every dimension", text)

    def test_the_document_is_in_the_page(self):
        page = self.open(self.render(self.sample))
        self.assertEqual(json.loads(page.run("document.getElementById('edgescope-document').textContent")), self.sample)

    def test_names_are_shown_not_run(self):
        document = copy.deepcopy(self.sample)
        evil = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'><!--"
        document["input"] = evil
        document["model"]["operators"][0]["name"] = evil
        document["runs"][0]["operators"][0]["name"] = evil
        document["findings"][0]["where"] = evil
        page = self.hold(self.render(document), document, (390, False))
        self.assertIsNone(page.run("window.ran"))
        self.assertIn(evil, page.run("document.querySelector('#operators tbody').textContent"))

    def test_without_runtimes_the_model_is_still_shown(self):
        document = copy.deepcopy(self.sample)
        document["runs"] = []
        document["comparison"] = None
        document["parity"] = None
        document["summary"] = {"headline": "Nothing was measured: no runtime is installed", "points": [], "fastest": None}
        for look in LOOKS[:1] + LOOKS[-1:]:
            page = self.hold(self.render(document), document, look)
            self.assertIn("not measured", page.run("document.body.innerText"))
            self.assertIsNone(page.run("document.querySelector('#predictions')"))

    def test_a_compiled_model_says_what_crosses_the_link(self):
        document = copy.deepcopy(self.sample)
        traffic = {"instructions": 3000, "input": 500, "parameters": 70000, "output": 80, "scratch_in": 0, "scratch_out": 0}
        document["edgetpu"] = {"subgraphs": 1, "chip": "beagle", "min_runtime_version": 14, "cached_parameter_bytes": 70000, "streamed_parameter_bytes": 0,
                               "instruction_bytes": 3000, "first_inference": traffic, "per_inference": dict(traffic, parameters=0),
                               "executables": [{"operator": 0, "type": "PARAMETER_CACHING", "caching_token": "07", "parameter_bytes": 70000, "instruction_bytes": 1000,
                                                "traffic": dict(traffic, input=0, output=0)}],
                               "owners": [{"owner": "cached_parameters", "bytes": 70000, "share": 0.9}, {"owner": "signature", "bytes": 0, "share": 0}],
                               "cpu_operators": [{"index": 1}]}
        for look in LOOKS[:1] + LOOKS[-1:]:
            page = self.hold(self.render(document), document, look)
            self.assertEqual(page.run("document.querySelector('#edgetpu tbody').rows.length"), 4, "what never crosses is left out")
            self.assertIn("PARAMETER_CACHING", page.run("document.querySelector('#edgetpu').innerText"))
        del document["edgetpu"]
        self.assertIsNone(self.open(self.render(document)).run("document.querySelector('#edgetpu')"))

    def test_what_failed_everywhere_is_listed(self):
        document = copy.deepcopy(self.sample)
        document["runs"] = [{"on": "litert", "valid": False, "reason": "it ended with signal 11 (SIGSEGV)", "basis": "measured", "warnings": []}]
        document["summary"]["fastest"] = None
        page = self.hold(self.render(document), document, (1400, False))
        self.assertIn("SIGSEGV", page.run("document.querySelector('#latency').innerText"))

    def test_operators_can_be_sorted_and_found(self):
        page = self.open(self.render(self.sample))
        macs = [operator["macs"] for operator in self.sample["model"]["operators"]]
        shown = """(() => {
          const head = [...document.querySelectorAll('#operators thead button')].find((button) => button.textContent === 'MACs');
          head.click();
          return [...document.querySelectorAll('#operators tbody data[data-path$="/macs"]')].map((d) => Number(d.value));
        })()"""
        self.assertEqual(page.run(shown), sorted(macs, reverse=True))
        self.assertEqual(page.run(shown), sorted(macs))
        self.assertEqual(page.run("document.querySelector('#operators th[aria-sort]').getAttribute('aria-sort')"), "ascending")
        found = """(() => {
          const field = document.querySelector('#operators input[type=search]');
          field.value = 'softmax';
          field.dispatchEvent(new Event('input'));
          return document.querySelectorAll('#operators tbody tr').length;
        })()"""
        self.assertEqual(page.run(found), sum("softmax" in (o["name"] + o["kind"]).lower() for o in self.sample["model"]["operators"]))

    def test_long_tables_are_cut_until_asked(self):
        document = copy.deepcopy(self.sample)
        operators = document["model"]["operators"]
        document["model"]["operators"] = [dict(operators[i % len(operators)], index=i) for i in range(1500)]
        page = self.hold(self.render(document), document, (390, False))
        rows = "document.querySelectorAll('#operators tbody tr').length"
        self.assertEqual(page.run(rows), 100)
        page.run("[...document.querySelectorAll('#operators button')].at(-1).click()")
        self.assertEqual(page.run(rows), 1500)

    def test_the_theme_can_be_chosen(self):
        page = self.open(self.render(self.sample))
        background = "getComputedStyle(document.body).backgroundColor"
        light = page.run(background)
        page.run("document.getElementById('theme').click()")
        self.assertEqual(page.run(background), light)
        page.run("document.getElementById('theme').click()")
        self.assertNotEqual(page.run(background), light)
        self.assertEqual(page.run("document.getElementById('theme').textContent"), "Theme: dark")
        page.run("localStorage.removeItem('edgescope-theme')")  # which all pages of this browser share
        self.assertEqual(page.run(FAINT), [])
        self.assertEqual(page.complaints(), [])

    def test_other_views_of_the_charts(self):
        page = self.open(self.render(self.sample))
        for select in ("#latency select", "#time select"):
            before = page.run(CANVASES)
            page.run(f"""(() => {{ const select = document.querySelector('{select}');
                select.selectedIndex = 1; select.dispatchEvent(new Event('change')); }})()""")
            self.assertNotEqual(page.run(CANVASES), before, select)
        self.assertEqual(page.complaints(), [])

    def test_it_can_be_read_without_seeing_it(self):
        page = self.open(self.render(self.sample))
        self.assertEqual(page.run("document.querySelectorAll('h1').length"), 1)
        self.assertEqual(page.run("[...document.querySelectorAll('table')].filter((t) => !t.caption || !t.querySelector('th[scope]')).length"), 0)
        self.assertEqual(page.run("[...document.querySelectorAll('canvas')].filter((c) => c.getAttribute('role') !== 'img' || !c.getAttribute('aria-label')).length"), 0)
        self.assertEqual(page.run("[...document.querySelectorAll('button, select, input')].filter((c) => !(c.textContent.trim() || c.getAttribute('aria-label'))).length"), 0)
        reached = page.run("[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex=\"0\"]')].every((c) => c.tabIndex >= 0)")
        self.assertTrue(reached)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--render", required=True, help="the program edgescope_render_html")
    ARGUMENTS, rest = parser.parse_known_args()
    if browser.find() is None:
        print("skipped: there is no Chromium (Debian's package `chromium`; `make test` installs it)")
        sys.exit(SKIPPED)
    unittest.main(argv=[sys.argv[0], *rest])
