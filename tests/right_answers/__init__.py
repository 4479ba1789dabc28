"""Right answers written another way than the reference: loops, numpy, views. Every function check has to accept each of them.

Each module, named as the lesson's module of checks, has `RIGHT_ANSWERS`: the check's name -> functions that take a case's
values by position, as a learner's function does. Arguments are named as a learner might rename them.
"""

import importlib
import pkgutil

RIGHT_ANSWERS = {
    module.name: importlib.import_module(f"right_answers.{module.name}").RIGHT_ANSWERS
    for module in pkgutil.iter_modules(__path__)
}
