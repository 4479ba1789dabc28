"""The form of the explorers: one module each, small, without a network; a notebook's output that all readers understand."""

import io
import json
import re
import shutil
import subprocess
import sys

import pytest
import torch
from PIL import Image

from cnnlib.data.scenes import scenes
from cnnlib.detection.proposals import padded, selective_search
from cnnlib.detection.rcnn import RCNN
from cnnlib.detection.yolo import Yolo
from cnnlib.explorers import EXPLORERS, MIME, ConvolutionExplorer, FilterExplorer, GridExplorer, SuppressionExplorer
from cnnlib.explorers.explorer import still
from cnnlib.explorers.modules import FOLDER, bundle, imported, slim, source
from cnnlib.explorers.page import fragment
from tools import stills

LARGEST_MODULES, LARGEST_PAGE, LARGEST_STILL = 120 * 1024, 700_000, 60_000
FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_value_of_an_explorer_reaches_the_browser(name):
    kind = EXPLORERS[name]
    values = kind.class_traits(setting=True) | kind.class_traits(data=True)
    assert set(kind.initial()) <= set(values)
    assert all(trait.metadata["sync"] for trait in values.values())


@pytest.fixture(scope="module", params=EXPLORERS)
def explorer(request):
    return EXPLORERS[request.param]()


def test_modules_together_are_small():
    sizes = {name: len(slim(source(name)).encode()) for name in FILES}  # as they are sent
    print({name: f"{size / 1024:.1f} KB" for name, size in sizes.items()})
    assert sum(sizes.values()) < LARGEST_MODULES
    assert {"host.js", "explorers.css", *(f"{name}.js" for name in EXPLORERS)} <= set(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_file_is_short_and_uses_no_network(name):
    text = source(name)
    assert text.count("\n") <= 200 and text.startswith("// ")
    assert max(map(len, text.splitlines())) <= 170
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert not re.findall(r"\b(fetch|XMLHttpRequest|WebSocket|eval|import)\(", text.replace('import("./form.js")', ""))
    assert "innerHTML" not in text, "text is never read as HTML"
    assert "</" not in text, "it would end the script that it stands in"


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EXPLORERS, "host"])
def test_a_bundle_is_one_module_that_imports_nothing(name):
    text = bundle(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert all(slim(source(f"{part}.js")).splitlines()[-2].removeprefix("export ") in text for part in imported(name)[:-1])
    assert not re.search(r"^\s*(//|/\*)|^ ", text, re.MULTILINE), "comments and indentation are not sent"
    whole = "".join(source(f"{part}.js") for part in imported(name))
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let) \[?(\w+)", whole, re.MULTILINE)
    assert len(names) == len(set(names)), "inlined modules share one scope"
    if shutil.which("node") is None:
        pytest.skip("Node is not installed, so the bundle's syntax cannot be checked here")
    done = subprocess.run(["node", "--check", "--input-type=module", "-"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_notebook_gets_a_view_a_still_and_what_a_page_needs(explorer):
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert bundle["text/plain"] == f"{type(explorer).__name__}()"
    assert bundle[MIME] == {"name": explorer.name, "values": {}}, "what is the same for everyone is not saved"
    assert bundle["image/png"] == still(explorer.name)
    assert metadata["image/png"]["alt"] == explorer.alt and len(explorer.alt) > 60
    assert not callable(explorer._ipython_display_), "ipywidgets 7 would show the widget alone"


def test_only_what_differs_is_saved():
    explorer = ConvolutionExplorer(kernel=2, stride=1)
    assert explorer.values() == {"kernel": 2}
    explorer.padding = 1
    assert explorer.values() == {"kernel": 2, "padding": 1}


def test_values_are_plain_json(explorer):
    values = {name: getattr(explorer, name) for name in explorer.initial()}
    assert json.loads(json.dumps(values)) == values == explorer.initial()


def test_settings_are_checked():
    with pytest.raises(Exception, match="stride"):
        ConvolutionExplorer(stride=0)
    with pytest.raises(Exception, match="weights"):
        FilterExplorer(weights=[1.0, 2.0])


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_still_is_up_to_date_and_small(name):
    picture = still(name)
    assert picture is not None and len(picture) <= LARGEST_STILL
    assert stills.shown(name) == stills.identity(name), "python -m tools.stills renders it anew"
    assert Image.open(io.BytesIO(picture)).width in (stills.WIDTH, round(stills.WIDTH * stills.SCALE))


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_fragment_is_whole_and_small(name):
    text = fragment(name, {"scene": 2}, ident="here")
    print(f"{name}: {len(text) / 1024:.0f} KB")
    assert len(text) < LARGEST_PAGE
    assert 'id="here"' in text and 'mount("here", { render });' in text
    values = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)[1])
    assert values == EXPLORERS[name].initial() | {"scene": 2}
    assert text.count("</script>") == 2 and "export " not in text.split('<script type="module">')[1]


def test_values_cannot_end_the_script_that_holds_them():
    text = fragment("filter", {"photograph": "</script><b>"})
    assert "</script><b>" not in text
    assert json.loads(re.search(r'json">(.*?)</script>', text, re.DOTALL)[1])["photograph"] == "</script><b>"


def test_an_unknown_name_is_one_sentence():
    with pytest.raises(ValueError, match=r"an explorer's name must be one of .*, got 'mixture'"):
        fragment("mixture")


def test_a_learner_s_network_is_shown_and_saved():
    torch.manual_seed(0)
    explorer = GridExplorer(Yolo(classes=5))
    assert len(explorer.predictions) == 10 and len(explorer.predictions[0]) == 8 * 8 * 15
    assert explorer.per_cell == 2 and set(explorer.values()) == {"predictions", "per_cell"}
    assert len(json.dumps(explorer.values())) < 100_000
    with pytest.raises(ValueError, match="64 x 64 pixels, but this network reads 96 x 96"):
        GridExplorer(Yolo(classes=5, size=96))


@pytest.mark.slow
def test_a_learner_s_detector_is_shown_and_saved():
    few = scenes(40)
    proposals = padded([selective_search(image) for image in few.images])
    explorer = SuppressionExplorer(RCNN(5).fit(few.images, few.boxes, few.labels, proposals))
    assert set(explorer.values()) <= {"scenes"} and len(explorer.scenes) == 12
    assert all(min(scene["scores"]) >= 0.3 for scene in explorer.scenes)


def test_importing_explorers_is_light():
    heavy = "torch", "torchvision", "matplotlib", "PIL", "skimage", "sklearn"
    program = f"import sys, cnnlib.explorers; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
