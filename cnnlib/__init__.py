"""The small library that the eleven lessons share; each module says what it is for."""
