"""Sphinx's settings of the website, whose sources `tools.website.pages` writes to build/site-source."""

from tools.texts import course
from tools.website.home import EXTRA
from tools.website.pages import SOURCE

project = html_title = "Convolutional neural networks, hands on"
author = copyright = ""
language = "en"
extensions = ["myst_nb", "tools.website.first_uses", "tools.website.search", "tools.website.tables"]
extensions += ["tools.website.formulas", "tools.website.slim"]
exclude_patterns = ["README.md", "notebooks", EXTRA]

nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "katex"

templates_path = ["_templates"]
html_theme = "sphinx_book_theme"
html_static_path = [str(SOURCE / "_static")]  # with the figures and KaTeX
html_extra_path = [str(SOURCE / EXTRA)]
styles = ("course", "boxes", "figures", "finding", "home", "play", "print", "explorers/explorers")
html_css_files = [f"{name}.css" for name in styles]
scripts = ("course.js", "play.js", "search.js", "terms.js", "figures.js", "print.js")
html_js_files = [(name, {"defer": "defer"}) for name in scripts]
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}
html_copy_source = html_show_sourcelink = False
html_use_index = False
html_show_copyright = html_show_sphinx = False
html_theme_options = {
    "navbar_persistent": [],  # a second search
    "use_download_button": False,  # it would offer the page's source; each lesson offers its notebook
    "repository_url": course()["repository"],
    "use_repository_button": bool(course()["repository"]),
    "show_navbar_depth": 1,
    "extra_footer": "Code under the MIT licence, texts and pictures under CC BY 4.0.",
}
