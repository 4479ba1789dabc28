"""Wrong answers as a learner would write them, and the words that each of them has to be told.

Each module, named as the lesson's module of checks, has `WRONG_ANSWERS`: the check's name -> pairs of an answer and the first
words of its message. They are written from the statements, in other styles and dtypes than the named mistakes of the checks.
"""

import importlib
import pkgutil

WRONG_ANSWERS = {
    module.name: importlib.import_module(f"wrong_answers.{module.name}").WRONG_ANSWERS
    for module in pkgutil.iter_modules(__path__)
}
