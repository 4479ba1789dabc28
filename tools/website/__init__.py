"""Make the website of the course from the executed notebooks and docs/: `make site`."""
