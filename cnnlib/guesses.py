"""Show the guess that a learner wrote down before a result."""

LONGEST = 100  # characters that are shown of a guess


def echo(guess: object) -> None:
    """Print a guess above the result, in one line and without a verdict; `...` means that there is none.

    >>> echo("about 30 points")
    Your guess: about 30 points
    >>> echo(...)
    Your guess: none yet
    """
    words = "none yet" if guess is ... else " ".join(str(guess).split())
    print(f"Your guess: {words if len(words) <= LONGEST else words[: LONGEST - 1] + '…'}")
