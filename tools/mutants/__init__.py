"""One-line changes of the code, each of which breaks a promise: the tests must notice every one of them."""
