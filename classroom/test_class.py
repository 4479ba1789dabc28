"""Twenty learners fetch, hand in and read their feedback at once: nothing is lost, and nobody reads another's work."""

import csv
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat import NotebookNode

from classroom.conftest import COUNT, LESSON, Classroom, timed
from classroom.environment import BIN
from classroom.hub import Person
from tools.notebook_files import sources
from tools.submissions import KINDS, prepared, released

NOTEBOOK = f"{LESSON}/{LESSON}.ipynb"
READ = "import pathlib, sys; path = pathlib.Path(sys.argv[1]); list(path.iterdir()) if path.is_dir() else path.read_bytes()"
GRADED = 3  # learners whose submissions are graded; what all of a class take is measured by `make class-bench`
POINTS = {"right": "16.0 / 16.0", "wrong": "0.0 / 16.0", "missing": "0.0 / 16.0"}


def kind_of(room: Classroom, person: Person) -> str:
    return KINDS[room.people.index(person) % len(KINDS)]


def answers_of(room: Classroom, person: Person) -> NotebookNode:
    """Prepare a learner's answers, with a line that only this learner has."""
    notebook = prepared(room.course, LESSON, kind_of(room, person))
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"This is the work of {person.name}."))
    return notebook


def test_all_fetch_work_and_hand_in_at_once(classroom):
    given = sources(released(classroom.course, LESSON))

    def fetch(person: Person) -> None:
        person.assignment("fetch", LESSON)
        content = person.own("GET", f"api/contents/{NOTEBOOK}")["content"]
        assert sources(nbformat.from_dict(content)) == given

    def hand_in(person: Person) -> None:
        notebook = answers_of(classroom, person)
        person.own("PUT", f"api/contents/{NOTEBOOK}", json={"type": "notebook", "content": notebook})
        listed = person.assignment("submit", LESSON)
        assert [one["status"] for one in listed if one["status"] == "submitted"], listed

    with timed(f"{COUNT} learners fetched the assignment at once"):
        classroom.all_at_once(fetch)
    with timed(f"{COUNT} learners saved their answers and handed in at once"):
        classroom.all_at_once(hand_in)


def test_everything_that_was_handed_in_is_collected(classroom):
    with timed(f"{COUNT} submissions collected"):
        classroom.teach("nbgrader", "collect", LESSON)
    collected = {path.parent.parent.name: path for path in classroom.course.glob(f"submitted/*/{NOTEBOOK}")}
    assert sorted(collected) == sorted(person.name for person in classroom.people) and len(collected) == COUNT
    for person in classroom.people:
        handed_in = nbformat.read(collected[person.name], as_version=4)
        assert sources(handed_in) == sources(answers_of(classroom, person))


def test_three_are_graded_and_their_learners_read_their_feedback(classroom):
    chosen = classroom.people[:GRADED]
    with timed(f"{GRADED} submissions graded, without a network"):
        names = [person.name for person in chosen]
        classroom.teach("tools.autograde", LESSON, "--folder", ".", "--students", *names, offline=True)
    with timed(f"feedback of {GRADED} generated and released"):
        classroom.teach("nbgrader", "generate_feedback", LESSON)
        classroom.teach("nbgrader", "release_feedback", LESSON)

    for person in chosen:
        listed = person.assignment("fetch_feedback", LESSON)
        [path] = [handed_in["local_feedback_path"] for one in listed for handed_in in one.get("submissions", [])]
        page = person.own("GET", f"api/contents/{path}/{LESSON}.html?type=file&format=text")["content"]
        assert f"This is the work of {person.name}." in page
        assert f"Score: {POINTS[kind_of(classroom, person)]}" in page


def marks(room: Classroom) -> dict[str, str]:
    """Read the points of the lesson from the file that nbgrader exports."""
    room.teach("nbgrader", "export")
    with (room.course / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: row["score"] for row in csv.DictReader(file) if row["assignment"] == LESSON and row["score"]}


def test_marks_are_the_same_where_every_cell_is_run(classroom):
    before, one = marks(classroom), classroom.people[0]
    assert kind_of(classroom, one) == "right"
    with timed("one of them graded again, with every cell of the lesson"):
        options = "--folder", ".", "--students", one.name, "--run-all", "--force"
        classroom.teach("tools.autograde", LESSON, *options, offline=True)
    graded = nbformat.read(classroom.course / "autograded" / one.name / NOTEBOOK, as_version=4)
    assert all(cell.execution_count for cell in graded.cells if cell.cell_type == "code"), "a cell was not run"
    assert marks(classroom) == before and before[one.name] == "16.0"


def test_nobody_reads_another_s_work_over_the_web(classroom):
    one, other = classroom.people[:2]
    assert one.call("GET", f"/user/{one.name}/api/contents/{NOTEBOOK}").status_code == 200
    assert one.call("GET", f"/user/{other.name}/api/contents/{NOTEBOOK}").status_code in (403, 404)
    assert one.call("GET", f"/hub/api/users/{other.name}").status_code in (403, 404)
    assert Person(one.address, "nobody", "").call("GET", f"/user/{one.name}/api/contents/").status_code == 403


def test_nobody_reads_another_s_work_in_the_files(classroom):
    if not classroom.own_accounts:
        pytest.skip("all learners share one account")
    one, other = classroom.people[:2]
    homes, course, exchange = classroom.folder / "homes", classroom.course, classroom.exchange / "cnn"
    private = {
        other.name: [homes / other.name, homes / other.name / NOTEBOOK],
        classroom.lecturer: [course / "submitted", course / "gradebook.db", exchange / "inbound", exchange / "feedback"],
    }
    for owner, path in [(owner, path) for owner, paths in private.items() for path in paths]:
        assert classroom.run_as(owner, BIN / "python", "-c", READ, path).returncode == 0, path
        done = classroom.run_as(one.name, BIN / "python", "-c", READ, path)
        assert done.returncode == 1 and "PermissionError" in done.stderr, (path, done)


def test_grading_without_a_network_reaches_nothing(classroom):
    if not classroom.own_accounts:
        pytest.skip("only root can take the network away")
    hub = urlsplit(classroom.people[0].address)
    connect = f"import socket; socket.create_connection(({hub.hostname!r}, {hub.port}), 5)"
    command = classroom.lecturer, BIN / "python", "-c", connect
    assert classroom.run_as(*command).returncode == 0
    assert "Connection refused" in classroom.run_as(*command, offline=True).stderr
