"""The course in a real browser, as learners, readers and lecturers use it: `make browser-test`."""
