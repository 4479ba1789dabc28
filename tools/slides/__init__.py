"""Make decks of slides from the executed notebooks: `make slides`."""
