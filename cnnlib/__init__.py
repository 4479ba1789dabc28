"""The small library that the ten lessons share; each module says what it is for."""
