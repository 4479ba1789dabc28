# Two commands do all the set-up: `make lab` to learn, `make test` to verify. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8888
LESSON ?=
VERSION ?=
FOLDER ?= build/nbgrader
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
PYTHON := python
else
BIN := .venv/bin
endif
# JupyterLab refuses to run as root, for example in a container, without this option
ROOTLY := $(shell [ "$$(id -u 2>/dev/null)" = 0 ] && echo --allow-root)
NBVAL := --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --durations=20 --durations-min=2

# What .venv holds belongs to one folder: a course that was moved or copied is installed again.
ifneq "$(shell cat .venv/.lab 2>/dev/null)" "$(CURDIR)"
.PHONY: .venv/.lab
endif
ifneq "$(shell cat .venv/.ready 2>/dev/null)" "$(CURDIR)"
.PHONY: .venv/.ready
endif

.PHONY: chromium help lab work doctor gpu-check progress types types-js test check mutants notebooks bench seeds startup pretrain results explorer-data stills openings format browser-test picture site slides pdf lecturers clean nbgrader autograde class-bench class-test release
.DEFAULT_GOAL := help

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

# Installed once, and again only when one of the two files changes, or the folder: what learners need, and what developers need.
.venv/.lab: pyproject.toml constraints.txt
	@$(PYTHON) -m tools.install

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -m tools.install --dev

lab: .venv/.lab  ## copy the lessons to work/, where your answers stay, and open JupyterLab there (PORT=8888)
	@$(BIN)/python -m tools.lab --port $(PORT) $(ROOTLY)

work: .venv/.lab  ## copy the lessons to work/ without opening JupyterLab, to open them in another editor
	@$(BIN)/python -m tools.work

gpu-check: .venv/.ready  ## run tests and all lessons on the GPU, or on CNNLIB_DEVICE, with seconds and memory
	$(BIN)/python -m tools.gpu_check

doctor: .venv/.lab  ## look this machine over: what is right, what to do
	@$(BIN)/python -m cnnlib.doctor

progress: .venv/.lab  ## count what is solved, wrong and left in work/, lesson by lesson
	@$(BIN)/python -m tools.progress

types: .venv/.typed  ## check the types of cnnlib and tools, if anything in them has changed

.venv/.typed: .venv/.ready pyproject.toml $(wildcard cnnlib/*.py cnnlib/*/*.py cnnlib/*/*/*.py tools/*.py tools/*/*.py)
	$(BIN)/pyright --pythonpath $(BIN)/python
	@touch $@

types-js: .venv/.ready  ## check the types of the JavaScript, which its comments declare (needs npm)
	@$(BIN)/python -m tools.javascript

test: .venv/.ready types  ## verify everything: notebooks, unsolved lessons, unit tests, doctests
	@$(BIN)/python -m tools.notebooks --check
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(PYTEST) $(NBVAL) --doctest-modules solutions tests cnnlib

check: .venv/.ready types  ## the fast part: lint, types, freshness of the notebooks, unit tests, doctests
	@$(BIN)/python -m tools.notebooks --check
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(PYTEST) --doctest-modules -m "not slow" tests cnnlib

mutants: .venv/.ready  ## change the code a line at a time and see that a test notices (minutes; Linux and macOS)
	@$(BIN)/python -m tools.mutants

notebooks: .venv/.ready  ## build the notebooks from their texts (LESSON=01 for one)
	$(BIN)/python -m tools.notebooks $(LESSON)

bench: .venv/.ready  ## measure training, networks, suppression and RoI pooling against what others use
	$(BIN)/python -m tools.bench

startup: .venv/.ready  ## measure how lessons start, and the time and memory of their kernels (LESSON=01 for one)
	$(BIN)/python -m tools.startup $(LESSON)

seeds: .venv/.ready  ## run a lesson for seeds 0 to 9 and print the numbers behind its claims (LESSON=01)
	$(BIN)/python -m tools.every_seed $(LESSON)

results: .venv/.ready  ## measure again what lessons show as stored results (half an hour)
	$(BIN)/python -m tools.results

pretrain: .venv/.ready  ## train the backbone of lessons 08 to 11 again and write its weights (half a minute)
	$(BIN)/python -m tools.pretrain

explorer-data: .venv/.ready  ## compute again the data of networks that explorers show, and store it (two minutes)
	$(BIN)/python -m tools.explorer_data

stills: .venv/.ready chromium  ## render the still pictures of the explorers that changed (needs chromium)
	$(BIN)/python -m tools.stills

openings: .venv/.ready  ## draw the pictures with which the lessons open (LESSON=01 for one)
	$(BIN)/python -m tools.openings $(LESSON)
	$(BIN)/python -m tools.drawn $(LESSON)

autograde: .venv/.ready  ## grade what a class handed in (LESSON=01_convolution FOLDER=/srv/cnn/course)
	$(BIN)/python -m tools.autograde $(LESSON) --folder $(FOLDER)

class-bench: .venv/.ready  ## time the grading of 20 prepared submissions, and what 200 would take (LESSON=01)
	$(BIN)/python -m tools.grading_time $(LESSON)

build/class-env/.ready: .venv/.ready
	$(BIN)/python -m classroom.environment
	@touch $@

class-test: build/class-env/.ready  ## rehearse a class: JupyterHub, 20 learners, handing in, marks (some minutes; Linux; needs npm)
	$(BIN)/python -m pytest -q -s classroom

release: .venv/.ready  ## tag a release and pack its site and slides (VERSION=0.2.0; needs npm)
	$(BIN)/python -m tools.release $(VERSION)

nbgrader: .venv/.ready  ## make a course folder for nbgrader, in build/nbgrader (docs/classes.md)
	@$(BIN)/python -m tools.assignments $(LESSON)

format: .venv/.ready  ## format the code
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

chromium: .venv/.ready
	@$(BIN)/python -m tools.chromium > /dev/null

browser-test: chromium site slides  ## use the course in a browser: lessons, site, slides (some minutes; needs chromium and npm)
	$(BIN)/python -m pytest -n 2 --dist loadfile browser

picture: chromium site slides  ## make the pictures of the README (needs chromium and npm)
	$(BIN)/python -m tools.pictures

site: .venv/.ready  ## make the website from the executed notebooks, into build/site (needs npm)
	@$(BIN)/python -m tools.website

slides: .venv/.ready  ## make the slides of the lessons, into build/slides (LESSON=03 for one; needs npm)
	@$(BIN)/python -m tools.slides $(LESSON)

pdf: chromium slides  ## print the slides as PDF, one page per slide, into build/slides (LESSON=03 for one; needs chromium and npm)
	@$(BIN)/python -m tools.slides.pdf $(LESSON)

lecturers: .venv/.ready  ## fill docs/lecturers.md from texts and checks: section numbers, minutes, mistakes
	@$(BIN)/python -m tools.lecturers

clean:  ## remove the environment and everything built, except the notebooks
	rm -rf .venv build .pytest_cache .ruff_cache
