"""A rehearsal of a class: JupyterHub, learners with accounts, nbgrader's exchange. `make class-test` runs it."""
